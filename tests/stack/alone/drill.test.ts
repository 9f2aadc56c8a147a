import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { root, stackDir } from '../harness.js';

const elt = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  await execa(process.execPath, [join(root, 'dist/bin/elt.js'), 'drill', ...args], {
    env: { ...process.env, ELT_STACK_DIR: stackDir(), NO_COLOR: '1', CI: 'true', ...env },
    extendEnv: false,
    reject: false,
  });

// The broker is killed and the metastore cut off in faults.test.ts; npm run drill kills all of them.
const faults = ['worker', 'extract-driver', 'mariadb', 's3'];

/** The short form of `npm run drill`. */
describe('elt drill', () => {
  test('kills the worker, a driver and what holds the data under load, and finds every record', async () => {
    const { stdout, stderr } = await elt(['--yes', '--faults', faults.join(','), '-o', 'json']);
    process.stderr.write(`${stderr}\n`);
    const report = JSON.parse(stdout);
    const harmless = { recoveredMs: expect.any(Number), lost: 0, doubled: 0, altered: 0, driversAtOnce: 1 };
    expect(report.faults).toMatchObject(faults.map((fault) => ({ fault, ...harmless })));
    expect(report.findings).toEqual([]);
    for (const { recoveredMs } of report.faults) expect(recoveredMs).toBeLessThanOrEqual(60_000);
    expect(report.validated).toBe(true);
    expect(report.records).toBeGreaterThan(500);
  }, 900_000);

  test('refuses engines that the stack did not start', async () => {
    const { exitCode, stderr } = await elt(['--yes'], { ELT_REDIS_URL: 'redis://127.0.0.1:1' });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("redis.url is redis://127.0.0.1:1, the native stack's is redis://127.0.0.1:");
  });

  test('asks first, and without a terminal the answer is no', async () => {
    const { exitCode, stderr } = await elt([]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--yes');
  });
});
