/** The build is taken away under a program that serves, as a new one does it: what it still needs it has. */
import { cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { isSettled } from '../../src/pipeline/run.js';
import { endEvent } from '../pipeline/world.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { Installation, requireBuild, until } from './program.js';

const root = resolve(import.meta.dirname, '../..');
let server: RedisServer;

beforeAll(async () => {
  requireBuild();
  server = await startRedis();
});

afterAll(async () => await server.close());

test('an elt worker takes a run from its start to its end, verification and all', async () => {
  const line = await Installation.open(server.url, 'replaced');
  const home = join(line.folder, 'elt');
  for (const part of ['package.json', 'dist/bin', 'dist/parts']) {
    cpSync(join(root, part), join(home, part), { recursive: true });
  }
  // The jar's default lies beside the program; and there is somewhere to send metrics to.
  const env = { ELT_SPARK_APPLICATION_JAR: '/opt/elt/jobs.jar', ELT_METRICS_STATSD: '127.0.0.1:9' };
  const worker = execa(process.execPath, [join(home, 'dist/bin/elt.js'), 'worker', 'extract'], {
    cwd: line.folder,
    env: { ...line.env, ...env },
    extendEnv: false,
    reject: false,
    timeout: 100_000,
  });
  try {
    await until('a worker serves', async () => (await line.workers('extract')) > 0);
    rmSync(home, { recursive: true });
    await line.elt(['run', 'extract', '--drain', '--detach'], env);
    const driver = await until('a driver', () => line.master.drivers[0], 60_000);
    const { runId } = JSON.parse(driver.args[0] ?? '{}') as { runId: string };
    driver.stdout = endEvent(runId, 'succeeded');
    driver.state = 'FINISHED';
    const ended = await until('the end', async () => (await line.runs()).find(isSettled), 60_000);
    expect([ended.state, ended.verified, ended.verificationReason]).toEqual([
      'succeeded',
      'unknown',
      expect.stringContaining('Trino'),
    ]);
  } finally {
    worker.kill('SIGKILL');
    await worker;
    await line.close();
  }
  expect((await worker).stderr).not.toContain('Cannot find module');
}, 120_000);
