import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isFinal, isSettled, reportOf } from '../../src/pipeline/run.js';
import { phase } from '../../src/pipeline/run-phase.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { aRun } from './runs.js';
import { commitEvent, endEvent, event, positionAt, tableCommit, World } from './world.js';

let server: RedisServer;
let world: World;
let count = 0;

beforeAll(async () => {
  server = await startRedis();
});

afterAll(async () => await server.close());

beforeEach(async () => {
  world = await World.open(server.url, `w${count++}`);
});

afterEach(async () => await world.close());

describe('the story of a run', () => {
  test('queued, submitting, running, succeeded, verified', async () => {
    await world.store.create(aRun('r1'));
    await world.stepUntil('r1', (run) => run.state === 'submitting');
    const running = await world.stepUntil('r1', (run) => run.state === 'running');
    expect(running.submissionId).toBe(world.driver.id);

    world.driver.stdout += event('r1', 'started') + commitEvent('r1', 0, 10);
    const busy = await world.stepUntil('r1', (run) => run.progress.rows === 10);
    expect(isFinal(busy.state)).toBe(false);
    world.driver.stdout += commitEvent('r1', 10, 15) + endEvent('r1', 'succeeded');
    world.driver.state = 'FINISHED';

    const settled = await world.stepUntil('r1', isSettled);
    expect(reportOf(settled)).toMatchObject({
      runId: 'r1',
      state: 'succeeded',
      verified: true,
      submissionId: world.driver.id,
      rows: 15,
      rejects: 0,
      startPosition: positionAt(0),
      endPosition: positionAt(15),
      snapshotIds: ['9007199254740910', '9007199254740915'],
      error: null,
      startedAt: expect.any(String),
      endedAt: expect.any(String),
      durationMs: expect.any(Number),
    });
    expect(world.master.bodies).toHaveLength(1);
  });

  test('a drain run with nothing to read submits nothing', async () => {
    world.stage.position = positionAt(7);
    await world.store.create(aRun('r1'));
    const settled = await world.stepUntil('r1', isSettled);
    expect(reportOf(settled)).toMatchObject({
      state: 'succeeded',
      submissionId: null,
      rows: 0,
      endPosition: positionAt(7),
    });
    expect(world.master.bodies).toHaveLength(0);
  });

  test.each([{ mode: 'follow' as const }, { isForced: true }])(
    '%p submits although there is nothing to read',
    async (changes) => {
      world.stage.position = positionAt(7);
      await world.store.create(aRun('r1', changes));
      await world.stepUntil('r1', (run) => run.state === 'running');
      expect(world.master.bodies).toHaveLength(1);
    },
  );

  test('a verification that cannot be made leaves the run committed and unknown', async () => {
    world.stage.verified = new Error('Trino is down');
    world.stage.position = positionAt(0);
    await world.store.create(aRun('r1'));
    const settled = await world.stepUntil('r1', isSettled);
    expect(settled).toMatchObject({ state: 'succeeded', verified: 'unknown', verificationReason: 'Trino is down' });
  });

  test('the error of the driver is the error of the run', async () => {
    await world.store.create(aRun('r1'));
    await world.stepUntil('r1', (run) => run.state === 'running');
    world.driver.stdout += endEvent('r1', 'failed', { code: 'topic-recreated', message: 'Topic "t" was …' });
    world.driver.state = 'FAILED';
    const final = await world.stepUntil('r1', (run) => isFinal(run.state));
    expect(final).toMatchObject({ state: 'failed', error: { code: 'topic-recreated', message: 'Topic "t" was …' } });
  });

  test('events of other runs and other lines on stdout are left out', async () => {
    await world.store.create(aRun('r1'));
    await world.stepUntil('r1', (run) => run.state === 'running');
    world.driver.stdout += `noise\n{"half":\n${commitEvent('r2', 0, 99)}${endEvent('r2', 'succeeded')}${commitEvent('r1', 0, 3)}`;
    const run = await world.stepUntil('r1', (one) => one.progress.commits === 1);
    expect(run.progress.rows).toBe(3);
    expect(run.state).toBe('running');
  });
});

describe('how a driver ended', () => {
  beforeEach(async () => {
    await world.store.create(aRun('r1'));
    await world.stepUntil('r1', (run) => run.state === 'running');
  });

  const final = async () => await world.stepUntil('r1', (run) => isFinal(run.state));

  test('FAILED without a word is failed, with its last words', async () => {
    world.driver.stderr += 'java.lang.ClassNotFoundException: elt.extract.ExtractDriver\n\tat java.base\n';
    world.driver.state = 'FAILED';
    const run = await final();
    expect(run).toMatchObject({ state: 'failed', error: { code: 'driver-died' } });
    expect(run.error?.message).toContain('ClassNotFoundException');
  });

  test.each(['stopped', 'fenced', 'succeeded', 'failed'])('FAILED with elt.released = r1:%s is %s', async (state) => {
    world.stage.facts = { claims: ['r1'], released: { claim: 'r1', state }, commits: [] };
    world.driver.state = 'FAILED';
    expect((await final()).state).toBe(state);
  });

  test('what another run released says nothing of this one', async () => {
    world.stage.facts = { claims: ['r0'], released: { claim: 'r0', state: 'succeeded' }, commits: [] };
    world.driver.state = 'FAILED';
    expect((await final()).state).toBe('failed');
  });

  test.each([
    ['its log cannot be read', 'FAILED', false],
    ['it left no word', 'FAILED', true],
    ['its worker was lost', 'ERROR', false],
  ])('another run has claimed the table since, and %s: fenced', async (_, state, isWorkerUp) => {
    world.stage.facts = { claims: ['r9', 'r1', 'r0'], released: null, commits: [] };
    world.driver.state = state;
    world.master.isWorkerUp = isWorkerUp;
    const run = await final();
    expect(run).toMatchObject({ state: 'fenced', error: { code: 'fenced' } });
    expect(run.error?.message).toContain('Run r9 has claimed the table since');
  });

  test('the newest claim is that of an earlier run: this one never claimed, so it is not fenced', async () => {
    world.stage.facts = { claims: ['r0'], released: null, commits: [] };
    world.driver.state = 'FAILED';
    expect((await final()).state).toBe('failed');
  });

  test('the last lines may come after the end', async () => {
    world.driver.state = 'FINISHED';
    await world.step('r1');
    await world.step('r1');
    world.driver.stdout += endEvent('r1', 'succeeded');
    expect((await final()).state).toBe('succeeded');
  });

  test('FINISHED, log unreadable, table not to be asked: asked again, then taken for succeeded', async () => {
    world.stage.facts = new Error('Trino is down');
    world.driver.state = 'FINISHED';
    world.master.isWorkerUp = false;
    const started = world.aheadMs;
    expect((await final()).state).toBe('succeeded');
    expect(world.aheadMs - started).toBeGreaterThan(50_000);
    expect(world.stage.asked).toBeGreaterThan(10);
  });

  test('a driver that somebody else killed is failed', async () => {
    world.driver.state = 'KILLED';
    expect(await final()).toMatchObject({ state: 'failed', error: { code: 'driver-killed' } });
  });

  test('a stop is one kill request; what the driver commits after it is read from the table, for its stdout is closed', async () => {
    world.driver.stdout += commitEvent('r1', 0, 10);
    await world.stepUntil('r1', (run) => run.progress.rows === 10);
    await world.store.change('r1', () => ({ stopRequestedAt: new Date().toISOString() }));
    world.master.onKill = (driver) => {
      world.stage.facts = {
        claims: ['r1'],
        released: { claim: 'r1', state: 'stopped' },
        commits: [tableCommit('r1', 10, 14), tableCommit('r1', 0, 10), tableCommit('r0', 0, 99)],
      };
      driver.state = 'FINISHED';
    };
    const run = await final();
    expect(reportOf(run)).toMatchObject({
      state: 'stopped',
      rows: 14,
      endPosition: positionAt(14),
      snapshotIds: ['9007199254740910', '9007199254740914'],
    });
    expect(world.driver.kills).toBe(1);
  });

  test('a stop while the table cannot be asked is stopped after a short wait', async () => {
    world.stage.facts = new Error('Trino is down');
    await world.store.change('r1', () => ({ stopRequestedAt: new Date().toISOString() }));
    world.master.onKill = (driver) => {
      driver.state = 'FINISHED';
    };
    const before = world.aheadMs;
    expect((await final()).state).toBe('stopped');
    expect(world.aheadMs - before).toBeLessThan(25_000);
  });

  test('a driver that ends fenced after a stop is fenced', async () => {
    await world.store.change('r1', () => ({ stopRequestedAt: new Date().toISOString() }));
    world.master.onKill = (driver) => {
      world.stage.facts = { claims: ['r9'], released: { claim: 'r1', state: 'fenced' }, commits: [] };
      driver.state = 'FAILED';
    };
    expect((await final()).state).toBe('fenced');
  });

  test('a driver that somebody else stopped gracefully is stopped', async () => {
    world.stage.facts = { claims: ['r1'], released: { claim: 'r1', state: 'stopped' }, commits: [] };
    world.driver.state = 'FINISHED';
    expect((await final()).state).toBe('stopped');
  });

  test('a stop that the driver ignores is asked for again after its time', async () => {
    await world.store.change('r1', () => ({ stopRequestedAt: new Date().toISOString() }));
    world.master.onKill = (driver) => {
      if (driver.kills > 1) driver.state = 'KILLED';
    };
    expect((await final()).state).toBe('stopped');
    expect(world.aheadMs).toBeGreaterThan(55_000);
  });

  test.each([
    ['stop', 'stopRequestedAt', 90_000],
    ['kill', 'killRequestedAt', 20_000],
  ] as const)(
    'elt %s while Spark does not take it ends the run all the same: lost, for the driver may live',
    async (_, at, mostMs) => {
      await world.stepUntil('r1', (run) => run.logAddress !== null);
      world.master.isRestUp = false;
      await world.store.change('r1', () => ({ [at]: world.services.now().toISOString() }));
      const before = world.aheadMs;
      const run = await final();
      expect(run).toMatchObject({ state: 'lost', error: { code: 'driver-lost' } });
      expect(world.aheadMs - before).toBeLessThan(mostMs);
      world.master.isRestUp = true;
      const settled = await world.stepUntil('r1', isSettled);
      expect([settled.strays, world.driver.state]).toEqual([[], 'KILLED']);
    },
  );

  test('elt kill ends the run within seconds, whatever the driver does', async () => {
    await world.store.change('r1', () => ({ killRequestedAt: world.services.now().toISOString() }));
    world.master.onKill = () => {};
    const before = world.aheadMs;
    expect(await final()).toMatchObject({ state: 'failed', error: { code: 'killed' } });
    expect(world.aheadMs - before).toBeLessThan(90_000);
  });
});

describe('when Spark does not answer', () => {
  beforeEach(async () => {
    await world.store.create(aRun('r1'));
    await world.stepUntil('r1', (run) => run.state === 'running' && run.logAddress !== null);
  });

  test('a master that forgot the driver, and a worker that runs it: the run goes on and says so', async () => {
    world.master.status = 'STANDBY';
    for (let step = 0; step < 5; step++) await world.step('r1');
    const run = await world.run('r1');
    expect(run.state).toBe('running');
    expect(run.notice).toContain('the driver goes on');
    world.driver.stdout += endEvent('r1', 'succeeded');
    expect((await world.stepUntil('r1', (one) => isFinal(one.state))).state).toBe('succeeded');
  });

  test('nobody answers for spark.worker.timeout: lost, with the evidence, and not before', async () => {
    world.master.status = 'STANDBY';
    world.master.isWorkerUp = false;
    const before = world.aheadMs;
    const run = await world.stepUntil('r1', (one) => isFinal(one.state));
    expect(run).toMatchObject({ state: 'lost', error: { code: 'driver-lost' } });
    expect(run.error?.message).toMatch(/STANDBY|standby/);
    expect(run.error?.message).toContain(world.master.workerUi);
    expect(world.aheadMs - before).toBeGreaterThan(50_000);
  });

  test('a short outage is forgotten after the next good answer', async () => {
    world.master.status = 'STANDBY';
    world.master.isWorkerUp = false;
    for (let step = 0; step < 4; step++) await world.step('r1');
    expect((await world.run('r1')).unreachableSince).not.toBeNull();
    world.master.status = 'ALIVE';
    world.master.isWorkerUp = true;
    await world.step('r1');
    expect(await world.run('r1')).toMatchObject({ unreachableSince: null, notice: null, state: 'running' });
  });

  test('a driver that was taken for ended and goes on has all its time at its real end', async () => {
    world.driver.state = 'FINISHED';
    await world.step('r1');
    expect((await world.run('r1')).driverEndedAt).not.toBeNull();
    world.driver.state = 'RUNNING';
    await world.step('r1');
    expect((await world.run('r1')).driverEndedAt).toBeNull();
  });

  test('all answer and none has the driver: it is gone', async () => {
    world.master.forget();
    expect(await world.stepUntil('r1', (one) => isFinal(one.state))).toMatchObject({
      state: 'failed',
      error: { code: 'driver-gone' },
    });
  });

  test('forgotten before anybody knew its worker: the worker that has its log is found', async () => {
    await world.store.change('r1', () => ({ logAddress: null }));
    world.driver.stdout += commitEvent('r1', 0, 4) + endEvent('r1', 'succeeded');
    world.driver.state = 'FINISHED';
    world.master.restart();
    expect(world.master.drivers).toHaveLength(0);
    const run = await world.stepUntil('r1', (one) => isFinal(one.state));
    expect(run).toMatchObject({ state: 'succeeded', progress: { rows: 4 } });
  });

  test('gone, its log too, and the table has no word: lost, for nobody can say that it failed', async () => {
    await world.store.change('r1', () => ({ logAddress: null }));
    world.master.forget();
    expect(await world.stepUntil('r1', (run) => isFinal(run.state))).toMatchObject({
      state: 'lost',
      error: { code: 'driver-lost', message: expect.stringContaining('its output cannot be read') },
    });
  });

  test('ERROR (its worker was lost) while the worker answers without it: gone', async () => {
    world.driver.state = 'ERROR';
    expect((await world.stepUntil('r1', (one) => isFinal(one.state))).error?.code).toBe('driver-gone');
  });

  test('ERROR while the worker does not answer: lost after its time, unless the table knows better', async () => {
    world.driver.state = 'ERROR';
    world.master.isWorkerUp = false;
    world.stage.facts = { claims: ['r1'], released: { claim: 'r1', state: 'succeeded' }, commits: [] };
    expect((await world.stepUntil('r1', (one) => isFinal(one.state))).state).toBe('succeeded');
  });
});

describe('a run that does not start', () => {
  test('no cores: the run says what it waits for, and can be stopped', async () => {
    world.master.hasCores = false;
    await world.store.create(aRun('r1'));
    const waiting = await world.stepUntil('r1', (run) => run.notice !== null && run.state === 'running');
    expect(waiting.notice).toMatch(/cores/);
    await world.store.change('r1', () => ({ stopRequestedAt: new Date().toISOString() }));
    const before = world.aheadMs;
    expect((await world.stepUntil('r1', (run) => isFinal(run.state))).state).toBe('stopped');
    expect(world.aheadMs - before).toBeLessThan(5_000);
  });

  test('executors that never come: the run says what the driver says, until one has come', async () => {
    await world.store.create(aRun('r1'));
    await world.stepUntil('r1', (run) => run.state === 'running');
    world.driver.stdout += event('r1', 'started');
    world.driver.stdout += event('r1', 'waiting', { code: 'no-executor', message: 'No executor for 60 s: …' });
    const waiting = await world.stepUntil('r1', (run) => run.notice !== null);
    expect(waiting.notice).toBe('no-executor: No executor for 60 s: …');
    expect(phase(waiting)).toBe('waiting');
    world.driver.stdout += event('r1', 'resumed');
    expect(phase(await world.stepUntil('r1', (run) => run.notice === null))).toBe('running');
  });

  test('no master: the run says so and submits when there is one', async () => {
    world.master.status = 'STANDBY';
    await world.store.create(aRun('r1'));
    const waiting = await world.stepUntil('r1', (run) => run.notice !== null);
    expect(waiting.notice).toMatch(/master/);
    world.master.status = 'ALIVE';
    await world.stepUntil('r1', (run) => run.state === 'running');
    expect(world.master.bodies).toHaveLength(1);
  });

  test('a submission that Spark cannot take at all fails at once', async () => {
    world.master.createMode = 'malformed';
    await world.store.create(aRun('r1', { mode: 'follow' }));
    expect(await world.stepUntil('r1', (run) => isFinal(run.state))).toMatchObject({
      state: 'failed',
      error: { code: 'submission-refused' },
    });
  });

  test('stopped while it is queued: nothing is submitted', async () => {
    await world.store.create(aRun('r1', { stopRequestedAt: new Date().toISOString() }));
    expect((await world.stepUntil('r1', (run) => isFinal(run.state))).state).toBe('stopped');
    expect(world.master.bodies).toHaveLength(0);
  });
});

describe('a follow run goes on for ever', () => {
  beforeEach(async () => {
    await world.store.create(aRun('r1', { mode: 'follow' }));
    await world.stepUntil('r1', (run) => run.state === 'running');
  });

  test('a driver that died gets a successor with a name and a claim of its own; rows are counted on', async () => {
    world.driver.stdout += commitEvent('r1', 0, 10);
    await world.stepUntil('r1', (run) => run.progress.rows === 10);
    world.driver.state = 'FAILED';
    const pausing = await world.stepUntil('r1', (run) => run.state === 'queued');
    expect(pausing.notice).toMatch(/Attempt 1 failed \(driver-died\).*Attempt 2 in/);
    await world.stepUntil('r1', (run) => run.state === 'running');
    expect(world.driver.name).toBe('elt-extract-numbers-r1-2');
    expect(JSON.parse(world.driver.args[0] ?? '{}')).toMatchObject({ runId: 'r1', claim: 'r1.2' });
    world.driver.stdout += commitEvent('r1', 10, 12);
    const run = await world.stepUntil('r1', (one) => one.progress.rows === 12);
    expect(run.progress.startPosition).toEqual(positionAt(0));
    expect(run.attempt).toBe(2);
  });

  test('what an earlier attempt released says nothing of this one', async () => {
    world.driver.state = 'FAILED';
    world.stage.facts = { claims: ['r1'], released: { claim: 'r1', state: 'failed' }, commits: [] };
    await world.stepUntil('r1', (run) => run.attempt === 2 && run.state === 'running');
    world.stage.facts = { claims: ['r1.2', 'r1'], released: { claim: 'r1', state: 'failed' }, commits: [] };
    await world.store.change('r1', () => ({ stopRequestedAt: world.services.now().toISOString() }));
    expect((await world.stepUntil('r1', (run) => isFinal(run.state))).state).toBe('stopped');
  });

  test('another run took the table and its log is gone: no attempt takes it back', async () => {
    world.driver.stdout += commitEvent('r1', 0, 10);
    await world.stepUntil('r1', (run) => run.progress.rows === 10);
    world.stage.facts = { claims: ['r9'], released: null, commits: [] };
    world.driver.state = 'FAILED';
    world.master.isWorkerUp = false;
    expect((await world.stepUntil('r1', (run) => isFinal(run.state))).state).toBe('fenced');
    expect(world.master.bodies).toHaveLength(1);
  });

  test('attempts that commit nothing wait longer and longer, for half a minute at most', async () => {
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      await world.stepUntil('r1', (run) => run.state === 'running' && run.attempt === attempt);
      world.driver.state = 'FAILED';
      const run = await world.stepUntil('r1', (one) => one.state === 'queued');
      pauses.push(Date.parse(run.nextAttemptAt ?? '') - world.services.now().getTime());
    }
    for (const [index, pause] of pauses.entries())
      if (index > 0 && index < 4) expect(pause).toBeGreaterThan(pauses[index - 1] as number);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
  });

  test.each([
    ['stopped', null],
    ['fenced', null],
    ['failed', { code: 'topic-recreated', message: 'x' }],
  ])('but not after %s (%p)', async (state, error) => {
    world.driver.stdout += endEvent('r1', state, error);
    world.driver.state = 'FAILED';
    expect((await world.stepUntil('r1', (run) => isFinal(run.state))).state).toBe(state);
  });

  test('after a deployment the next attempt starts what is configured now, under the same run', async () => {
    world.driver.state = 'FAILED';
    await world.stepUntil('r1', (run) => run.state === 'queued');
    world.refusal = (run) => (run.spec.jar === 'file:/new.jar' ? null : `jar is ${run.spec.jar}`);
    world.plan = (stage, pipeline, _flags, runId) => {
      const planned = aRun(String(runId), { stage, pipeline, mode: 'follow' });
      return { ...planned, spec: { ...planned.spec, jar: 'file:/new.jar' } };
    };
    const run = await world.stepUntil('r1', (one) => one.state === 'running');
    expect(run).toMatchObject({ attempt: 2, spec: { jar: 'file:/new.jar' } });
    expect(world.driver.name).toBe('elt-extract-numbers-r1-2');
    expect((await world.store.log('r1')).map(({ what }) => what)).toContain('planned anew');
  });

  test('but not into another table: that takes a restart', async () => {
    world.driver.state = 'FAILED';
    await world.stepUntil('r1', (run) => run.state === 'queued');
    world.refusal = () => 'jar is another one';
    world.plan = (stage, pipeline, _flags, runId) => aRun(String(runId), { stage, pipeline, table: 'raw.other' });
    const run = await world.stepUntil('r1', (one) => isFinal(one.state));
    expect(run).toMatchObject({ state: 'failed', error: { code: 'spec-refused' } });
    expect(world.master.bodies).toHaveLength(1);
  });

  test('a stop between two attempts ends it', async () => {
    world.driver.state = 'FAILED';
    await world.stepUntil('r1', (run) => run.state === 'queued');
    await world.store.change('r1', () => ({ stopRequestedAt: new Date().toISOString() }));
    expect((await world.stepUntil('r1', (run) => isFinal(run.state))).state).toBe('stopped');
    expect(world.master.bodies).toHaveLength(1);
  });
});
