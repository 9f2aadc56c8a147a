/** A worker may die at any line of a submission; whoever goes on must not make a second driver. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { armFailpoints } from '../../src/commons/failpoint.js';
import { isFinal } from '../../src/pipeline/run.js';
import { withStray } from '../../src/pipeline/stray-drivers.js';
import { restSubmitter } from '../../src/spark/spark-rest.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { specNamed } from '../spark/submitter-contract.js';
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
    for (let step = 0; step < 40; step++) await world.step('r1');
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
    for (let step = 0; step < 40; step++) await world.step('r1');
    world.master.status = 'ALIVE';
    await world.stepUntil('r1', (one) => one.state === 'running');
    expect(world.master.bodies).toHaveLength(1);
  });

  test('and the master forgot the driver, but the table has its claim: no second driver', async () => {
    world.master.createMode = 'drop-answer';
    await world.step('r1');
    world.master.createMode = 'answer';
    world.master.forget();
    world.stage.facts = { claims: ['r1'], released: { claim: 'r1', state: 'succeeded' }, commits: [] };
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

describe('nobody can tell whose driver it is', () => {
  /** The answer to the create was lost; then the Spark worker was killed and came back under a new id. */
  async function orphaned(): Promise<void> {
    world.master.createMode = 'drop-answer';
    await world.step('r1');
    world.master.createMode = 'answer';
    world.driver.state = 'ERROR';
    world.master.workerId = 'worker-2';
    await world.step('r1');
    expect((await world.run('r1')).notice).toContain('was on a worker that the master does not know any more');
  }

  async function secondPipeline(): Promise<void> {
    await world.store.create(aRun('r2', { pipeline: 'other' }));
    const run = await world.stepUntil('r2', (one) => one.state === 'running');
    expect(run.submissionId).toBe(world.driver.id);
  }

  test('for the worker timeout: the attempt is lost with its evidence, and other pipelines go on', async () => {
    await orphaned();
    const before = world.aheadMs;
    const run = await world.stepUntil('r1', (one) => isFinal(one.state));
    expect(run).toMatchObject({ state: 'lost', error: { code: 'driver-lost' } });
    expect(run.error?.message).toContain(`driver ${world.driver.id} (ERROR) was on a worker`);
    expect(world.aheadMs - before).toBeGreaterThan(55_000);
    expect(world.aheadMs - before).toBeLessThan(65_000);
    await secondPipeline();
  });

  test('and the table has its word: it ended so', async () => {
    await orphaned();
    world.stage.facts = { claims: ['r1'], released: { claim: 'r1', state: 'succeeded' }, commits: [] };
    expect((await world.stepUntil('r1', (one) => isFinal(one.state))).state).toBe('succeeded');
  });

  test('elt kill ends it, and a second pipeline submits', async () => {
    await orphaned();
    await world.store.change('r1', () => ({ killRequestedAt: world.services.now().toISOString() }));
    const before = world.aheadMs;
    expect(await world.stepUntil('r1', (one) => isFinal(one.state))).toMatchObject({ state: 'lost' });
    expect(world.aheadMs - before).toBeLessThan(15_000);
    await secondPipeline();
  });

  test('and the master stays away: a follow run gets its next attempt', async () => {
    await world.store.change('r1', () => ({ mode: 'follow' }));
    await orphaned();
    world.master.status = 'RECOVERING';
    const run = await world.stepUntil('r1', (one) => one.attempt === 2);
    expect(run.notice).toContain('Attempt 1 lost (driver-lost)');
    world.master.status = 'ALIVE';
    await world.stepUntil('r1', (one) => one.state === 'running');
    expect(world.driver.name).toBe('elt-extract-numbers-r1-2');
  });

  test('it has ended for certain: no doubt, the table is asked', async () => {
    await orphaned();
    world.driver.state = 'FINISHED';
    world.stage.facts = { claims: ['r1'], released: { claim: 'r1', state: 'succeeded' }, commits: [] };
    const before = world.aheadMs;
    expect((await world.stepUntil('r1', (one) => isFinal(one.state))).state).toBe('succeeded');
    expect(world.aheadMs - before).toBeLessThan(15_000);
  });
});

describe('a create request is late', () => {
  afterEach(() => armFailpoints(undefined));

  test('before it is sent: nothing is sent, and the run starts over', async () => {
    armFailpoints('submit-before-create=delay:3100@1');
    await world.step('r1');
    expect(world.master.bodies).toHaveLength(0);
    expect(await world.run('r1')).toMatchObject({ submitTriedAt: null, notice: expect.stringContaining('held up') });
    await world.stepUntil('r1', (one) => one.state === 'running');
    expect(world.master.bodies).toHaveLength(1);
  });

  test('after it was given up: no other is sent for as long as it may arrive', async () => {
    const real = restSubmitter(world.master.addresses);
    const sentAt: number[] = [];
    world.submitter = {
      ...real,
      create: async (spec) => {
        sentAt.push(world.services.now().getTime());
        if (sentAt.length > 1) return await real.create(spec);
        world.aheadMs += 8_000;
        return { outcome: 'uncertain', detail: 'no answer' };
      },
    };
    await world.stepUntil('r1', (one) => one.state === 'running');
    expect((sentAt[1] as number) - (sentAt[0] as number)).toBeGreaterThanOrEqual(18_000);
    expect(world.master.bodies).toHaveLength(1);
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
    expect(world.driver.id).not.toBe(first.id);
    const run = await world.stepUntil('r1', (one) => one.strays?.length === 0);
    expect(run.submissionId).toBe(first.id);
    expect([first.kills, world.driver.kills]).toEqual([0, 1]);
  });

  test('the second driver is asked to end until it has, also when Spark does not answer at first', async () => {
    await world.stepUntil('r1', (one) => one.state === 'running');
    const first = world.driver;
    const outcome = await world.submitter.create(specNamed('twin'));
    const submissionId = outcome.outcome === 'created' ? outcome.submissionId : '';
    await world.store.change('r1', (run) => withStray(run, submissionId, 'rest'));
    world.master.isRestUp = false;
    for (let step = 0; step < 3; step++) await world.step('r1');
    expect((await world.run('r1')).strays).toEqual([{ submissionId, submitter: 'rest', killSentAt: null }]);
    world.master.isRestUp = true;
    world.master.onKill = (driver) => {
      if (driver.kills > 1) driver.state = 'KILLED';
    };
    expect((await world.stepUntil('r1', (one) => one.strays?.length === 0)).submissionId).toBe(first.id);
    expect([first.kills, world.driver.kills]).toEqual([0, 2]);
    const log = (await world.store.log('r1')).filter(({ what }) => what === 'second driver');
    expect(log.at(-1)?.evidence).toBe(`${submissionId}: Spark says KILLED`);
  });
});

async function untilTried(): Promise<void> {
  while ((await world.run('r1')).submitTriedAt === null) await new Promise((resolve) => setTimeout(resolve, 5));
}
