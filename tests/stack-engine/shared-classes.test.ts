import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineHomes } from '../../src/stack/engine-homes.js';
import { prepareSharedClasses } from '../../src/stack/shared-classes.js';

const folder = mkdtempSync(join(tmpdir(), 'elt-classes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A Java that writes down how it was called; `body` says what it does then. */
function fakeJava(name: string, body: string) {
  const home = join(folder, name);
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'release'), `JAVA_VERSION="${name}"`);
  writeFileSync(join(home, 'bin/java'), `#!/bin/sh\necho "$@" >> ${home}/calls\n${body}\n`);
  chmodSync(join(home, 'bin/java'), 0o755);
  return { home, calls: () => readFileSync(join(home, 'calls'), 'utf8').trim().split('\n') };
}

describe('the archive of shared classes', () => {
  let cache: string;
  let said: string[];
  const progress = () => ({ report: (line: string) => said.push(line), signal: new AbortController().signal });
  const homes = { spark: '/engines/spark-1', 'spark-libs': '/engines/libs-1' } as EngineHomes;

  beforeEach(() => {
    cache = mkdtempSync(join(folder, 'cache-'));
    mkdirSync(join(cache, 'engines'));
    said = [];
  });

  const archiving = 'echo made > $(echo "$@" | tr " " "\n" | sed -n s/-XX:SharedArchiveFile=//p)';

  test('is made once, for the class path that Spark gives its drivers', async () => {
    const java = fakeJava('17.1', archiving);
    const first = await prepareSharedClasses(homes, cache, java.home, progress());
    expect(readFileSync(String(first.archive), 'utf8')).toBe('made\n');
    expect(readdirSync(first.confFolder)).toEqual([]);
    expect(java.calls()[0]).toContain(`-cp /engines/libs-1/*:${first.confFolder}/:/engines/spark-1/jars/*`);
    expect(await prepareSharedClasses(homes, cache, java.home, progress())).toEqual(first);
    expect(java.calls()).toHaveLength(1);
    expect(readdirSync(join(cache, 'engines'))).toHaveLength(1);
  });

  test('another Java or other libraries get another one', async () => {
    const one = await prepareSharedClasses(homes, cache, fakeJava('17.2', archiving).home, progress());
    const two = await prepareSharedClasses(homes, cache, fakeJava('17.3', archiving).home, progress());
    const other = { ...homes, 'spark-libs': '/engines/libs-2' };
    const three = await prepareSharedClasses(other, cache, fakeJava('17.3', archiving).home, progress());
    expect(new Set([one.archive, two.archive, three.archive]).size).toBe(3);
  });

  test('when it cannot be made, that is said once and the stack goes on without it', async () => {
    const java = fakeJava('17.4', 'echo "no space" >&2; exit 1');
    expect((await prepareSharedClasses(homes, cache, java.home, progress())).archive).toBeNull();
    expect(said.join('\n')).toMatch(/start more slowly.*no space/s);
    const again = await prepareSharedClasses(homes, cache, java.home, progress());
    expect(again.archive).toBeNull();
    expect(existsSync(again.confFolder)).toBe(true);
    expect(java.calls()).toHaveLength(1);
  });

  test('an interruption leaves nothing that the next start would take for an answer', async () => {
    const java = fakeJava('17.5', 'sleep 20');
    const stop = new AbortController();
    const making = prepareSharedClasses(homes, cache, java.home, { report: () => stop.abort(), signal: stop.signal });
    await expect(making).rejects.toThrow();
    writeFileSync(join(java.home, 'bin/java'), `#!/bin/sh\n${archiving}\n`);
    expect((await prepareSharedClasses(homes, cache, java.home, progress())).archive).not.toBeNull();
  });
});
