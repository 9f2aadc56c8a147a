/** Redis is emptied, restored from an older file, or down: the runs are rebuilt from Spark, and no driver is made twice. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isFinal, isSettled, type Run } from '../../src/pipeline/run.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { aRun } from './runs.js';
import { commitEvent, endEvent, World } from './world.js';

const runId = '20261122t163000-aaaaaa';
const otherId = '20261122t164000-bbbbbb';
const signal = new AbortController().signal;

let server: RedisServer;
let world: World;

beforeEach(async () => {
  server = await startRedis();
  world = await World.open(server.url, 'elt');
});

afterEach(async () => {
  await world.close();
  await server.close();
});

const words = async () => (await world.store.log(runId)).map(({ what }) => what);
const drivers = () => world.master.bodies.map(({ sparkProperties }) => sparkProperties['spark.app.name']);

async function running(changes: Partial<Run> = {}): Promise<Run> {
  await world.store.create(aRun(runId, { mode: 'follow', ...changes }));
  return await world.stepUntil(runId, (run) => run.state === 'running' && run.logAddress !== null);
}

/** Redis comes back with the file that was saved last. */
async function restore(): Promise<void> {
  await server.kill();
  await server.start();
}

async function endsAs(state: string): Promise<Run> {
  world.driver.stdout += endEvent(runId, state);
  world.driver.state = 'FINISHED';
  const run = await world.stepUntil(runId, isSettled);
  expect(run.state).toBe(state);
  return run;
}

describe('Redis is emptied under a live driver', () => {
  test('the run is there again with its driver, its mode and its rows, and goes on', async () => {
    const before = await running();
    world.driver.stdout += commitEvent(runId, 0, 10);
    await world.redis.flushall();
    expect(await world.services.reconcile(signal)).toEqual({ isClear: true, hasChanged: true });
    const after = await world.run(runId);
    const { submissionId, mode, stage, pipeline } = before;
    expect(after).toMatchObject({
      state: 'running',
      submissionId,
      mode,
      stage,
      pipeline,
      requestedAt: '2026-11-22T16:30:00.000Z',
    });
    expect(after.spec).toMatchObject({
      name: before.spec.name,
      mainClass: before.spec.mainClass,
      args: before.spec.args,
    });
    expect(await world.store.open()).toEqual([runId]);
    await world.stepUntil(runId, (run) => run.progress.rows === 10);
    expect(await words()).toEqual(expect.arrayContaining(['adopted']));
    await endsAs('stopped');
    expect(drivers()).toHaveLength(1);
  });

  test('another run finds it active, and starts nothing', async () => {
    await running();
    await world.redis.flushall();
    await world.services.reconcile(signal);
    const outcome = await world.store.create(aRun(otherId));
    expect(outcome).toMatchObject({ isCreated: false, active: { runId } });
  });

  test('its desired state is kept: when the driver dies, the next attempt has the next name', async () => {
    await running();
    world.driver.state = 'FAILED';
    await world.stepUntil(runId, (run) => run.attempt === 2 && run.state === 'running');
    await world.redis.flushall();
    await world.services.reconcile(signal);
    expect(await world.run(runId)).toMatchObject({ attempt: 2, submissionId: world.driver.id });
    world.driver.state = 'FAILED';
    await world.stepUntil(runId, (run) => run.attempt === 3 && run.state === 'running');
    const name = `elt-extract-numbers-${runId}`;
    expect(drivers()).toEqual([name, `${name}-2`, `${name}-3`]);
    expect(JSON.parse(world.driver.args[0] ?? '{}')).toMatchObject({ runId, claim: `${runId}.3` });
  });

  test('while Spark cannot be asked, nothing is submitted and the run says why; then it ends without a driver', async () => {
    await running();
    await world.redis.flushall();
    world.master.status = 'RECOVERING';
    await world.store.create(aRun(otherId));
    for (let step = 0; step < 20; step++) await world.step(otherId);
    expect(await world.run(otherId)).toMatchObject({
      state: 'queued',
      notice: expect.stringMatching(/which drivers live \(no Spark master answers.*RECOVERING\)/),
    });
    world.master.status = 'ALIVE';
    const refused = await world.stepUntil(otherId, isSettled);
    expect(refused).toMatchObject({ state: 'stopped', submissionId: null, error: { code: 'already-running' } });
    expect((await world.store.active('extract', 'numbers'))?.runId).toBe(runId);
    expect(drivers()).toHaveLength(1);
  });

  test.each([
    [
      'a driver without a worker cannot be told apart',
      () => Object.assign(world.driver, { hasWorker: false, state: 'SUBMITTED' }),
    ],
    ['its worker does not answer', () => Object.assign(world.master, { isWorkerUp: false })],
    [
      'an application lives and its driver is not known',
      () => {
        world.master.applications.push({ id: 'app-1', name: world.driver.name, state: 'RUNNING' });
        world.master.drivers.length = 0;
      },
    ],
  ])('%s: nothing is submitted', async (_, happens) => {
    await running();
    await world.redis.flushall();
    happens();
    await world.store.create(aRun(otherId));
    for (let step = 0; step < 20; step++) await world.step(otherId);
    expect(await world.run(otherId)).toMatchObject({ state: 'queued' });
    expect(drivers()).toHaveLength(1);
  });

  test('the driver of another control plane is left alone', async () => {
    const spec = aRun(runId).spec;
    const properties = { ...spec.properties, 'spark.elt.runs': 'theirs' };
    await world.submitter.create({ ...spec, properties });
    await world.services.reconcile(signal);
    expect(await world.store.list(10)).toEqual([]);
    await running();
    expect(drivers()).toHaveLength(2);
  });

  test('while the create request is on its way: the run is written again, with its driver', async () => {
    const real = world.submitter;
    world.submitter = {
      ...real,
      create: async (spec) => {
        const outcome = await real.create(spec);
        await world.redis.flushall();
        return outcome;
      },
    };
    await world.store.create(aRun(runId));
    const run = await world.stepUntil(runId, (one) => one.state === 'running');
    expect(run.submissionId).toBe(world.driver.id);
    world.submitter = real;
    await endsAs('succeeded');
    expect(drivers()).toHaveLength(1);
  });

  test('between the intent and the request: nothing is sent', async () => {
    await world.store.create(aRun(runId));
    await world.stepUntil(runId, (run) => run.state === 'submitting');
    const stored = await world.store.get(runId);
    if (stored === null) throw new Error('no run');
    await world.redis.del('elt:server');
    await expect(world.store.save(stored, { submitTriedAt: 'now' }, undefined, true)).rejects.toMatchObject({
      code: 'runs-unclear',
    });
    await world.stepUntil(runId, (run) => run.state === 'running');
    expect(drivers()).toHaveLength(1);
  });
});

describe('Redis is restored from an older file', () => {
  test.each(['queued', 'submitting'] as const)('that says %s of a run whose driver lives: adopted', async (state) => {
    await world.store.create(aRun(runId));
    await world.stepUntil(runId, (run) => run.state === state);
    await world.redis.save();
    await world.stepUntil(runId, (run) => run.state === 'running');
    await restore();
    expect((await world.run(runId)).state).toBe(state);
    const run = await world.stepUntil(runId, (one) => one.state === 'running');
    expect(run.submissionId).toBe(world.driver.id);
    await endsAs('succeeded');
    expect(drivers()).toHaveLength(1);
    expect(await words()).toContain('adopted');
  });

  test('that says queued of a run that has succeeded since: it is found ended, and not made again', async () => {
    await world.store.create(aRun(runId));
    await world.redis.save();
    await world.stepUntil(runId, (run) => run.state === 'running');
    world.driver.stdout += commitEvent(runId, 0, 7);
    await endsAs('succeeded');
    await restore();
    const again = await world.stepUntil(runId, isSettled);
    expect(again).toMatchObject({ state: 'succeeded', progress: { rows: 7 } });
    expect(drivers()).toHaveLength(1);
  });

  test('that says queued of a run whose driver nobody has any more: the table tells how it ended', async () => {
    await world.store.create(aRun(runId));
    await world.redis.save();
    await running().catch(() => undefined);
    world.master.forget();
    world.stage.facts = { claims: [runId], released: { claim: runId, state: 'succeeded' }, commits: [] };
    await restore();
    expect((await world.stepUntil(runId, isSettled)).state).toBe('succeeded');
    expect(drivers()).toHaveLength(1);
  });

  test('that says attempt 1 runs, while attempt 2 does: the newer driver is followed', async () => {
    await running();
    await world.redis.save();
    world.driver.state = 'FAILED';
    await world.stepUntil(runId, (run) => run.attempt === 2 && run.state === 'running');
    await restore();
    const run = await world.stepUntil(runId, (one) => one.attempt === 2 && one.state === 'running');
    expect(run.submissionId).toBe(world.driver.id);
    expect(drivers()).toHaveLength(2);
  });

  test('that knows an older run as active: it ends as Spark tells, and the live one is the active one', async () => {
    await running({ mode: 'drain' });
    await world.redis.save();
    await endsAs('succeeded');
    await world.store.create(aRun(otherId, { mode: 'follow' }));
    await world.stepUntil(otherId, (run) => run.state === 'running');
    await restore();
    expect((await world.stepUntil(runId, isSettled)).state).toBe('succeeded');
    expect(await world.run(otherId)).toMatchObject({ state: 'running', submissionId: world.driver.id });
    expect((await world.store.active('extract', 'numbers'))?.runId).toBe(otherId);
    expect(drivers()).toHaveLength(2);
  });

  test('a run of this Redis that waits is not looked for: it is submitted at once', async () => {
    await world.services.reconcile(signal);
    await world.store.create(aRun(runId));
    const before = world.aheadMs;
    await world.stepUntil(runId, (run) => run.state === 'running');
    expect(world.aheadMs - before).toBeLessThan(1_000);
  });
});

describe('Redis has no memory left', () => {
  test('steps fail and nothing is half written; with memory back the run goes on with its driver', async () => {
    await running({ mode: 'drain' });
    world.driver.stdout += commitEvent(runId, 0, 10);
    const before = [await world.run(runId), await world.store.log(runId)];
    await world.redis.config('SET', 'maxmemory', '1');
    await expect(world.step(runId)).rejects.toThrow(/OOM/);
    await world.redis.config('SET', 'maxmemory', '0');
    expect([await world.run(runId), await world.store.log(runId)]).toEqual(before);
    await world.stepUntil(runId, (run) => run.progress.rows === 10);
    expect(isFinal((await endsAs('succeeded')).state)).toBe(true);
    expect(drivers()).toHaveLength(1);
  });
});
