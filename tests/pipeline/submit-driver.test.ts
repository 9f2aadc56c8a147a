/** A worker may die at any line of a submission; whoever goes on must not make a second driver. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isFinal } from '../../src/pipeline/run.js';
import { restSubmitter } from '../../src/spark/spark-rest.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { aRun } from './runs.js';
import { World } from './world.js';

let server: RedisServer;
let world: World;
let count = 0;

beforeAll(async () => {
  server = await startRedis();
});

afterAll(async () => await server.close());

beforeEach(async () => {
  world = await World.open(server.url, `s${count++}`);
  await world.store.create(aRun('r1'));
  await world.stepUntil('r1', (run) => run.state === 'submitting');
});

afterEach(async () => await world.close());

/** The worker dies where `die` is called: its step ends there and then, and writes nothing more. */
class Died extends Error {}

describe('the worker dies', () => {
  test('after the create request went through: the driver is adopted', async () => {
    const real = restSubmitter(world.master.addresses);
    world.submitter = {
      ...real,
      create: async (spec) => {
        await real.create(spec);
        throw new Died();
      },
    };
    await expect(world.step('r1')).rejects.toThrow(Died);
    world.submitter = real;

    const run = await world.stepUntil('r1', (one) => one.state === 'running');
    expect(run.submissionId).toBe(world.driver.id);
    expect(world.master.bodies).toHaveLength(1);
  });

  test('before the request was sent: one driver is made, after it is sure that none arrives late', async () => {
    const real = restSubmitter(world.master.addresses);
    world.submitter = {
      ...real,
      create: async () => {
        throw new Died();
      },
    };
    await expect(world.step('r1')).rejects.toThrow(Died);
    world.submitter = real;
    const before = world.aheadMs;
    await world.stepUntil('r1', (one) => one.state === 'running');
    expect(world.master.bodies).toHaveLength(1);
    expect(world.aheadMs - before).toBeGreaterThanOrEqual(9_000);
  });

  test('and the driver has no worker yet: nothing is submitted until it can be told apart', async () => {
    world.master.hasCores = false;
    world.master.createMode = 'drop-answer';
    await world.step('r1');
    world.master.createMode = 'answer';
    for (let step = 0; step < 60; step++) await world.step('r1');
    expect(world.master.bodies).toHaveLength(1);
    expect((await world.run('r1')).notice).toContain('has no worker yet');
    Object.assign(world.driver, { state: 'RUNNING', hasWorker: true });
    expect((await world.stepUntil('r1', (one) => one.state === 'running')).submissionId).toBe(world.driver.id);
    expect(world.master.bodies).toHaveLength(1);
  });

  test('and the master cannot be reached: nothing is submitted', async () => {
    world.master.createMode = 'drop-answer';
    await world.step('r1');
    world.master.createMode = 'answer';
    world.master.status = 'RECOVERING';
    for (let step = 0; step < 60; step++) await world.step('r1');
    world.master.status = 'ALIVE';
    await world.stepUntil('r1', (one) => one.state === 'running');
    expect(world.master.bodies).toHaveLength(1);
  });

  test('and the master forgot the driver, but the table has its claim: no second driver', async () => {
    world.master.createMode = 'drop-answer';
    await world.step('r1');
    world.master.createMode = 'answer';
    world.master.forget();
    world.stage.facts = { claim: 'r1', released: { runId: 'r1', state: 'succeeded' }, commits: [] };
    expect((await world.stepUntil('r1', (one) => isFinal(one.state))).state).toBe('succeeded');
    expect(world.master.bodies).toHaveLength(1);
  });

  test('and neither the master nor the table can say: the table is asked for a while first', async () => {
    world.master.createMode = 'drop-answer';
    await world.step('r1');
    world.master.createMode = 'answer';
    world.master.forget();
    world.stage.facts = new Error('Trino is down');
    const before = world.aheadMs;
    await world.stepUntil('r1', (one) => one.state === 'running');
    expect(world.aheadMs - before).toBeGreaterThanOrEqual(23_000);
    expect(world.master.bodies).toHaveLength(2);
  });
});

describe('two workers at one run', () => {
  test('step at the same time: one create', async () => {
    await Promise.all([world.step('r1'), world.step('r1'), world.step('r1')]);
    await world.stepUntil('r1', (one) => one.state === 'running');
    expect(world.master.bodies).toHaveLength(1);
  });

  test('the one that was paused in its create finds a driver stored already: its own is stopped', async () => {
    const real = restSubmitter(world.master.addresses);
    let release = () => {};
    const paused = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.submitter = {
      ...real,
      create: async (spec) => {
        await paused;
        return await real.create(spec);
      },
    };
    const stale = world.step('r1');
    await untilTried();
    world.submitter = real;
    await world.stepUntil('r1', (one) => one.state === 'running');
    const first = world.driver;
    release();
    await stale;
    expect((await world.run('r1')).submissionId).toBe(first.id);
    expect(world.driver.id).not.toBe(first.id);
    expect([first.kills, world.driver.kills]).toEqual([0, 1]);
  });
});

async function untilTried(): Promise<void> {
  while ((await world.run('r1')).submitTriedAt === null) await new Promise((resolve) => setTimeout(resolve, 5));
}
