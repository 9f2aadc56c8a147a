/** A schedule on real engines: TRANSFORM runs when there is something to read, and only then; elt plan tells the same beforehand. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Line, until } from './harness.js';

let line: Line;

beforeEach(async () => {
  line = await Line.open('schedules', { transform: { schedule: { every: '3s' } } });
});
afterEach(async () => await line.close());

async function json(...args: string[]) {
  return JSON.parse(String((await line.elt([...args, '-o', 'json'])).stdout));
}

async function lastTick(): Promise<string | undefined> {
  const { schedules } = await json('status');
  return schedules.find(({ stage }: { stage: string }) => stage === 'transform')?.lastTick?.result;
}

async function transformRuns(): Promise<readonly { state: string; rows: number }[]> {
  const { runs } = await json('status');
  return runs.filter(({ stage }: { stage: string }) => stage === 'transform');
}

async function silverRows(): Promise<number> {
  return await line.count(`SELECT count(*) FROM ${line.silver}`).catch(() => 0);
}

async function extract(from: number, to: number): Promise<void> {
  await line.produce(Array.from({ length: to - from }, (_, index) => ({ value: String(from + index) })));
  const { exitCode, stderr } = await line.run('extract');
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
}

test('twice with new rows in between, never without, not while paused', async () => {
  line.startWorker();
  await until('a tick finds nothing to read', async () => (await lastTick()) === 'nothing-to-read');
  expect(await transformRuns()).toEqual([]);

  await extract(0, 100);
  await until('the schedule transforms the first rows', async () => (await silverRows()) === 100);
  await until('it finds nothing more', async () => (await lastTick()) === 'nothing-to-read');
  expect(await transformRuns()).toHaveLength(1);

  expect((await line.elt(['pause', 'transform'])).exitCode).toBe(0);
  await extract(100, 150);
  const plan = await json('plan', 'transform');
  expect(plan).toMatchObject({ active: null, rowsToRead: '50', schedule: { paused: true } });
  expect(plan.obstacles.filter(({ blocks }: { blocks: boolean }) => blocks)).toEqual([]);
  expect((await json('plan', 'extract')).rowsToRead).toBe('0');
  expect(await transformRuns()).toHaveLength(1);

  expect((await line.elt(['resume', 'transform'])).exitCode).toBe(0);
  await until('it goes on when resumed', async () => (await silverRows()) === 150);
  await until('and finds nothing more', async () => (await lastTick()) === 'nothing-to-read');
  const runs = await transformRuns();
  expect(runs.map(({ rows }) => rows)).toEqual([50, 100]);
  expect(runs.every(({ state }) => state === 'succeeded')).toBe(true);
});
