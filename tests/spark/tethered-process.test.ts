/** What submits for us must not do so when nobody is there to take its answer. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { runTethered } from '../../src/spark/tethered-process.js';
import { requireBuild } from '../cli/program.js';

describe('a tethered program', () => {
  let folder: string;
  const env = { PATH: process.env.PATH ?? '' };
  const noted = () => join(folder, 'pid');
  /** Notes its pid and would run for a minute. */
  const patient = () => [
    '/bin/sh',
    '-c',
    `echo $$ > '${noted()}.new'; mv '${noted()}.new' '${noted()}'; exec sleep 60`,
  ];

  beforeAll(requireBuild);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'elt-tether-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((wake) => setTimeout(wake, 10));
  }

  function isAlive(): boolean {
    const pid = readFileSync(noted(), 'utf8').trim();
    return existsSync(`/proc/${pid}`) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  }

  test('says what it says and ends as it ends', async () => {
    const command = ['/bin/sh', '-c', 'echo "$1"; echo bad >&2; exit 7', 'sh', 'it\'s "so"'];
    const said = await runTethered(command, { env, timeoutMs: 10_000 });
    expect(said).toEqual({ stdout: 'it\'s "so"', stderr: 'bad', exitCode: 7 });
  });

  test('is killed at its time limit', async () => {
    const { exitCode } = await runTethered(patient(), { env, timeoutMs: 500 });
    expect(exitCode).toBeUndefined();
    await until(() => !isAlive());
  });

  test('is killed when the signal is aborted', async () => {
    const stopping = new AbortController();
    const ends = runTethered(patient(), { env, timeoutMs: 30_000, signal: stopping.signal });
    await until(() => existsSync(noted()));
    stopping.abort();
    expect((await ends).exitCode).toBeUndefined();
    await until(() => !isAlive());
  });

  test('dies with whoever started it, by SIGKILL too', async () => {
    const script = join(import.meta.dirname, '../../dist/spark/tethered-process.js');
    const source = `import { runTethered } from ${JSON.stringify(script)};
      await runTethered(${JSON.stringify(patient())}, { env: ${JSON.stringify(env)}, timeoutMs: 50_000 });`;
    const parent = execa(process.execPath, ['--input-type=module', '-e', source], { reject: false });
    await until(() => existsSync(noted()));
    expect(isAlive()).toBe(true);
    parent.kill('SIGKILL');
    await parent;
    await until(() => !isAlive());
  });
});
