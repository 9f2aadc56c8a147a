import { createHash } from 'node:crypto';
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
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { download } from '../../src/stack/downloads.js';
import type { Artifact } from '../../src/stack/manifest.js';

const content = 'the right content';
const jar: Artifact = {
  maven: 'g:a:1',
  sha256: createHash('sha256').update(content).digest('hex'),
  bytes: content.length,
};
const wheel: Artifact = { ...jar, pypi: 'b==2', file: 'b-2-py3-none-any.whl' } as never;

/** Small real programs in place of Maven and pip: they write what a registry would have given. */
describe('downloads', () => {
  let folder: string;
  const path = process.env['PATH'];
  const progress = { report: () => {}, signal: new AbortController().signal };
  const calls = () =>
    existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [];
  const target = () => join(folder, 'downloads');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'elt-downloads-'));
    mkdirSync(join(folder, 'bin'));
    process.env['PATH'] = join(folder, 'bin') + delimiter + path;
  });

  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  });

  function program(name: string, script: string): void {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\necho "${name}" >> "${folder}/calls"\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }

  const maven = (text: string) => program('mvn', `printf '${text}' > a-1.jar`);
  const pip = (text: string) => program('python3', `printf '${text}' > b-2-py3-none-any.whl`);

  test('what is fetched is checked, kept, and not fetched again', async () => {
    maven(content);
    pip(content);
    const { file, pypi, sha256, bytes } = wheel as { file: string; pypi: string; sha256: string; bytes: number };
    const artifacts: Artifact[] = [jar, { pypi, file, sha256, bytes }, jar];
    await download(artifacts, target(), progress);
    expect(readdirSync(target()).sort()).toEqual(['a-1.jar', 'b-2-py3-none-any.whl']);
    await download(artifacts, target(), progress);
    expect(calls().sort()).toEqual(['mvn', 'python3']);
  });

  test('a wrong checksum is an error that says so, and nothing is left', async () => {
    maven('the wrong content');
    await expect(download([jar], target(), progress)).rejects.toMatchObject({ code: 'checksum-mismatch' });
    expect(readdirSync(target())).toEqual([]);
  });

  test('a damaged file is fetched again', async () => {
    maven(content);
    mkdirSync(target());
    writeFileSync(join(target(), 'a-1.jar'), 'the wrong conten!');
    await download([jar], target(), progress);
    expect(readFileSync(join(target(), 'a-1.jar'), 'utf8')).toBe(content);
  });

  test('a client that fails is quoted, and nothing half is left', async () => {
    program('mvn', 'printf half > a-1.jar; echo "Could not resolve g:a"; exit 1');
    await expect(download([jar], target(), progress)).rejects.toThrow('Could not resolve g:a');
    expect(readdirSync(target())).toEqual([]);
  });

  test('an interrupted download leaves nothing half', async () => {
    program('mvn', 'printf half > a-1.jar; exec sleep 60');
    const controller = new AbortController();
    const fetching = download([jar], target(), { report: () => {}, signal: controller.signal });
    while (calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    await expect(fetching).rejects.toThrow();
    expect(readdirSync(target())).toEqual([]);
  });
});
