/** Fifty people start the same run at once; workers come and go; Redis goes and comes back. Real processes, a real Redis. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { isFinal, isSettled, type Run } from '../../src/pipeline/run.js';
import { commitEvent, endEvent, event } from '../pipeline/world.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { Installation, requireBuild, until } from './program.js';

let server: RedisServer;
let line: Installation;
let count = 0;

beforeAll(async () => {
  requireBuild();
  server = await startRedis();
});

afterAll(async () => await server.close());

beforeEach(async () => {
  line = await Installation.open(server.url, `many${count++}`);
});

afterEach(async () => await line.close());

async function theRun(what: string, condition: (run: Run) => boolean, limitMs = 60_000): Promise<Run> {
  return await until(what, async () => (await line.runs()).find(condition), limitMs);
}

const beats = (run: Run) => `${run.calmSteps} ${run.progress.logOffset}`;

/** Somebody takes this run's steps now. */
async function isLookedAfter(run: Run): Promise<void> {
  await theRun('the run is looked after', (one) => one.runId === run.runId && beats(one) !== beats(run), 40_000);
}

test('fifty times the same elt run at once, from two hosts: one driver, and 49 print its run and exit 4', async () => {
  line.start(['worker', 'extract']);
  const other = mkdtempSync(join(tmpdir(), 'elt-other-'));
  try {
    cpSync(line.folder, other, { recursive: true });
    const hosts = [
      { cwd: line.folder, HOSTNAME: 'host-a' },
      { cwd: other, HOSTNAME: 'host-b' },
    ];
    const start = (index: number) => {
      const { cwd, HOSTNAME } = hosts[index % 2] as (typeof hosts)[number];
      return line.elt(['run', 'extract', '--detach', '-o', 'json'], { HOSTNAME, HOME: cwd }, 200_000, cwd);
    };
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => start(index)));
    const codes = outcomes.map(({ exitCode }) => exitCode).toSorted((one, two) => Number(one) - Number(two));
    expect(codes).toEqual([0, ...Array.from({ length: 49 }, () => 4)]);
    expect(new Set(outcomes.map(({ stdout }) => JSON.parse(stdout).runId)).size).toBe(1);
    expect(line.master.bodies).toHaveLength(1);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
}, 240_000);

test('a deploy: the worker is replaced under a follow run, which keeps its driver and its attempt', async () => {
  const first = line.start(['worker']);
  await line.elt(['run', 'extract', '--follow', '--detach']);
  const before = await theRun('the run is running', (run) => run.state === 'running');
  const second = line.start(['worker']);
  await until('the second worker serves', async () => (await line.workers('extract')) === 2, 60_000);
  const askedAt = Date.now();
  first.kill('SIGTERM');
  const { exitCode } = await first;
  expect(Date.now() - askedAt).toBeLessThan(10_000);
  expect(exitCode).toBe(0);
  await isLookedAfter(await theRun('the run is there', (run) => run.runId === before.runId));
  const after = await theRun('the run is running', (run) => run.state === 'running');
  expect(after).toMatchObject({ submissionId: before.submissionId, attempt: 1 });
  expect(line.master.bodies).toHaveLength(1);
  expect(line.master.drivers[0]?.kills).toBe(0);
  second.kill('SIGTERM');
  await second;
}, 120_000);

test('Redis emptied, out of memory, killed and empty again, under one worker and one live driver', async () => {
  const worker = line.start(['worker', 'extract']);
  await line.elt(['run', 'extract', '--follow', '--detach']);
  const { runId, submissionId } = await theRun('the run is running', (run) => run.state === 'running');
  const driver = line.master.drivers[0];
  if (driver === undefined) throw new Error('no driver');
  const isBack = async (what: string) => {
    const run = await theRun(`the run is back (${what})`, (one) => one.state === 'running');
    expect(run).toMatchObject({ runId, submissionId, mode: 'follow', attempt: 1 });
    await isLookedAfter(run);
  };

  driver.stdout = event(runId, 'started') + commitEvent(runId, 0, 10);
  await line.redis.flushall();
  await isBack('emptied');
  await line.redis.flushall();
  const second = await line.elt(['run', 'extract', '-o', 'json']);
  expect([second.exitCode, JSON.parse(second.stdout).runId]).toEqual([4, runId]);

  await line.redis.config('SET', 'maxmemory', '1');
  driver.stdout += commitEvent(runId, 10, 20);
  const refused = await line.elt(['run', 'transform']);
  expect([refused.exitCode, refused.stderr]).toEqual([5, expect.stringMatching(/Redis at .* takes no writes: OOM/)]);
  await line.redis.config('SET', 'maxmemory', '0');
  await theRun('rows are counted on', (run) => run.progress.rows === 20);

  await server.kill();
  await server.start();
  await isBack('started empty');
  expect(worker.exitCode).toBeNull();

  driver.stdout += endEvent(runId, 'stopped');
  driver.state = 'FINISHED';
  expect((await theRun('the run ends', isSettled)).progress.rows).toBe(20);
  const runs = await line.runs();
  expect(runs.filter(({ stage }) => stage === 'extract').map(({ state }) => isFinal(state))).toEqual([true]);
  expect(line.master.bodies).toHaveLength(1);
}, 240_000);
