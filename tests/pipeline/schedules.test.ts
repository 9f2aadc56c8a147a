/** Schedules on a real Redis with real BullMQ: what the configuration declares is what runs, and nothing else. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EltError, unreachable } from '../../src/commons/errors.js';
import { openQueue, type RunQueue } from '../../src/pipeline/queue.js';
import { isFinal, newRun } from '../../src/pipeline/run.js';
import { type DeclaredSchedule, schedulerId, slotOffsetMs } from '../../src/pipeline/schedule.js';
import { applySchedule, Schedules } from '../../src/pipeline/schedules.js';
import { StageWorker } from '../../src/pipeline/stage-worker.js';
import { takeTick } from '../../src/pipeline/tick.js';
import { until } from '../cli/program.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { aRun } from './runs.js';
import { endEvent, positionAt, World } from './world.js';

const key = { stage: 'transform', pipeline: 'numbers' } as const;
const id = schedulerId(key);
const hourly: DeclaredSchedule = { ...key, timing: { every: 3_600_000 } };
const eachSecond: DeclaredSchedule = { ...key, timing: { every: 1_000 } };
const slot = new Date('2026-11-22T20:00:00Z');

let server: RedisServer;
let world: World;
let queue: RunQueue;
let count = 0;
const workers: StageWorker[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => await server.close());

beforeEach(async () => {
  const prefix = `schedules_${count++}`;
  world = await World.open(server.url, prefix);
  queue = openQueue('transform', { url: server.url, prefix }, () => undefined);
});

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await queue.close();
  await world.close();
});

function declaring(...declared: DeclaredSchedule[]): Schedules {
  return new Schedules(world.schedules, declared, world.services.logger);
}

function work(...declared: DeclaredSchedule[]): StageWorker {
  const address = { url: server.url, prefix: `schedules_${count - 1}` };
  const worker = new StageWorker('transform', address, world.services, declaring(...declared));
  workers.push(worker);
  return worker;
}

/** Drivers that succeed at once. */
function driversEnd(): void {
  world.master.onCreate = (driver) => {
    driver.stdout = endEvent(JSON.parse(driver.args[0] ?? '{}').runId, 'succeeded');
    driver.state = 'FINISHED';
  };
}

async function scheduled() {
  const one = await queue.getJobScheduler(id);
  return one === undefined ? null : { every: one.every, pattern: one.pattern, tz: one.tz };
}

async function tick() {
  return await takeTick(key, slot, world.schedules, world.services, new AbortController().signal);
}

describe('schedulers in Redis are those of the configuration', () => {
  test('created, changed and removed; the first slot is in the future and the same for everybody', async () => {
    await declaring(hourly).reconcile('transform', queue);
    expect(await scheduled()).toMatchObject({ every: 3_600_000 });
    const next = (await queue.getJobScheduler(id))?.next ?? 0;
    expect(next % 3_600_000).toBe(slotOffsetMs(key, 3_600_000));
    expect(next).toBeGreaterThan(Date.now());

    const nightly = { cron: '30 2 * * *', timeZone: 'Europe/Paris' };
    await declaring({ ...key, timing: nightly }).reconcile('transform', queue);
    expect(await scheduled()).toEqual({ every: undefined, pattern: '30 2 * * *', tz: 'Europe/Paris' });
    const at = new Intl.DateTimeFormat('fr', { timeZone: 'Europe/Paris', timeStyle: 'short' });
    expect(at.format((await queue.getJobScheduler(id))?.next)).toBe('02:30');

    await declaring({ ...key, timing: null }).reconcile('transform', queue);
    expect(await scheduled()).toBeNull();
    expect(await queue.getDelayedCount()).toBe(0);
  });

  test('twenty workers at once make one scheduler with one job', async () => {
    const all = Array.from({ length: 20 }, () => declaring(hourly));
    await Promise.all(all.map((one) => one.reconcile('transform', queue)));
    expect(await queue.getJobSchedulersCount()).toBe(1);
    expect(await queue.getDelayedCount()).toBe(1);
  });

  test('the worker that started last is right, whoever sweeps afterwards', async () => {
    const [older, newer] = [declaring(hourly), declaring({ ...key, timing: { every: 60_000 } })];
    await older.reconcile('transform', queue);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await newer.reconcile('transform', queue);
    await older.reconcile('transform', queue);
    expect(await scheduled()).toMatchObject({ every: 60_000 });
  });

  test('a worker with other pipelines, and schedulers of others, are left alone', async () => {
    await declaring(hourly).reconcile('transform', queue);
    await queue.upsertJobScheduler('somebody-else', { every: 3_600_000 }, { name: 'theirs', data: {} });
    await declaring({ ...key, pipeline: 'other', timing: hourly.timing }).reconcile('transform', queue);
    await declaring().reconcile('transform', queue);
    const ids = (await queue.getJobSchedulers()).map((one) => one.key).sort();
    expect(ids).toEqual(['elt-transform-numbers', 'elt-transform-other', 'somebody-else']);
  });

  test('after a flush of Redis, and when only its job is gone, it comes back; a missed slot stays due', async () => {
    const schedules = declaring(hourly);
    await schedules.reconcile('transform', queue);
    await world.redis.flushall();
    await schedules.reconcile('transform', queue);
    expect(await scheduled()).toMatchObject({ every: 3_600_000 });

    const repeat = `schedules_${count - 1}:queue:transform:repeat`;
    const missed = Date.now() - 7_200_000;
    await world.redis.zadd(repeat, missed, id);
    await schedules.reconcile('transform', queue);
    expect((await queue.getJobScheduler(id))?.next).toBeGreaterThan(Date.now() - 3_600_000);
  });
});

describe('a tick', () => {
  beforeEach(async () => await world.schedules.declare(hourly, 1));

  test('starts a drain run, once for one slot, and is skipped beside an active run', async () => {
    const first = await tick();
    expect(first).toMatchObject({ result: 'started', slot: slot.toISOString() });
    const runs = await world.store.list(10);
    expect(runs).toEqual([expect.objectContaining({ stage: 'transform', mode: 'drain', state: 'queued' })]);
    expect(runs[0]?.origin).toEqual({ by: 'schedule', slot: slot.toISOString() });
    expect(await tick()).toMatchObject({ result: 'started', runId: first?.runId });

    const later = await takeTick(key, new Date(), world.schedules, world.services, new AbortController().signal);
    expect(later).toMatchObject({ result: 'skipped', runId: first?.runId });
    expect((await world.schedules.get(key)).lastTick).toEqual(later);
    expect(await world.store.list(10)).toHaveLength(1);
  });

  test('with nothing to read makes no run', async () => {
    world.stage.position = positionAt(7);
    expect(await tick()).toMatchObject({ result: 'nothing-to-read', runId: null });
    expect(await world.store.list(10)).toEqual([]);
  });

  test('when nobody can be asked: a run once something was moved before, a failed tick until then', async () => {
    world.stage.caughtUp = async () => {
      throw unreachable('Trino', 'http://127.0.0.1:1', new Error('connection refused'));
    };
    expect(await tick()).toMatchObject({ result: 'failed', detail: expect.stringMatching(/Trino .* refused/) });
    expect(await world.store.list(10)).toEqual([]);
    await world.redis.hset(`schedules_${count - 1}:schedule:transform:numbers`, 'hasStarted', '1');
    expect(await tick()).toMatchObject({ result: 'started', detail: expect.stringContaining('not clear') });
  });

  test('whose run cannot be planned has failed, with the reason', async () => {
    world.plan = () => {
      throw new EltError('sql-missing', 'The SQL file of pipeline "numbers" cannot be read.');
    };
    expect(await tick()).toMatchObject({ result: 'failed', detail: expect.stringContaining('SQL file') });
  });

  test('of a paused schedule does nothing', async () => {
    await world.schedules.pause(key, new Date());
    expect(await tick()).toBeNull();
    expect(await world.store.list(10)).toEqual([]);
  });
});

describe('an elt worker', () => {
  test('runs by schedule, skips while a run is active, stops when paused and goes on when resumed', async () => {
    driversEnd();
    await world.store.create(newRun({ ...aRun('20261122t200000-aaaaaa', key), origin: { by: 'user' } }));
    world.master.onCreate = () => {};
    work(eachSecond);
    const last = async () => (await world.schedules.get(key)).lastTick;
    await until('a tick is skipped', async () => (await last())?.result === 'skipped');
    driversEnd();
    const driver = await until('the first driver', () => world.master.drivers[0]);
    driver.stdout = endEvent('20261122t200000-aaaaaa', 'succeeded');
    driver.state = 'FINISHED';
    await until('two scheduled runs have ended', async () => {
      const runs = await world.store.list(10);
      return runs.filter((run) => run.origin?.by === 'schedule' && run.state === 'succeeded').length >= 2;
    });

    await world.schedules.pause(key, new Date());
    await applySchedule(queue, await world.schedules.get(key), world.services.logger);
    await until('nothing is active', async () => (await world.store.list(10)).every((run) => isFinal(run.state)));
    const runsBefore = (await world.store.list(100)).length;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await world.store.list(100)).toHaveLength(runsBefore);
    expect(await scheduled()).toBeNull();

    await world.schedules.pause(key, null);
    await until('the sweep resumes it', async () => (await world.store.list(100)).length > runsBefore);
  }, 60_000);

  test('that was away for many slots makes one run of them', async () => {
    driversEnd();
    await declaring({ ...key, timing: { every: 2_000 } }).reconcile('transform', queue);
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    const startedAt = Date.now();
    work({ ...key, timing: { every: 2_000 } });
    await until('the missed slots are made up for', async () => (await world.store.list(10)).length > 0, 3_000);
    const [run] = await world.store.list(10);
    expect(run?.origin?.by === 'schedule' && Date.parse(run.origin.slot)).toBeLessThan(startedAt - 3_000);
    const sinceStart = Math.floor((Date.now() - startedAt) / 2_000) + 1;
    expect((await world.store.list(10)).length).toBeLessThanOrEqual(1 + sinceStart);
  }, 30_000);

  test('that does not know a pipeline leaves its ticks to others', async () => {
    await declaring(eachSecond).reconcile('transform', queue);
    work({ ...key, pipeline: 'other', timing: null });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await world.store.list(10)).toEqual([]);
    driversEnd();
    work(eachSecond);
    await until('the worker that knows it takes it', async () => (await world.store.list(10)).length > 0);
  }, 30_000);
});
