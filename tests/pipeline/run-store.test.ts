import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { openTcpProxy } from '../../src/drill/tcp-proxy.js';
import { RunStore, type StoredRun } from '../../src/pipeline/run-store.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { aRun } from './runs.js';

describe('the run store, on a real Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  let store: RunStore;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.close();
  });

  beforeEach(async () => {
    await redis.flushall();
    store = new RunStore(redis, 'elt');
  });

  async function stored(runId: string): Promise<StoredRun> {
    const found = await store.get(runId);
    if (found === null) throw new Error(`no run ${runId}`);
    return found;
  }

  test('of fifty runs of one stage and pipeline at once, one becomes active and forty-nine learn which', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => store.create(aRun(`r${index}`))));
    const created = outcomes.filter((outcome) => outcome.isCreated);
    expect(created).toHaveLength(1);
    const winner = created[0]?.isCreated === true ? created[0].run.runId : '';
    for (const outcome of outcomes) if (!outcome.isCreated) expect(outcome.active.runId).toBe(winner);
    expect((await store.active('extract', 'numbers'))?.runId).toBe(winner);
    expect(await store.open()).toEqual([winner]);
  });

  test('a create that was sent again because its reply was lost does not find itself in the way', async () => {
    const proxy = await openTcpProxy({ host: '127.0.0.1', port: server.port });
    const flaky = new Redis(`redis://${proxy.address}`, { retryStrategy: () => 10 });
    flaky.on('error', () => undefined);
    try {
      await flaky.ping();
      const dropped = proxy.dropReply('eval');
      const created = await new RunStore(flaky, 'elt').create(aRun('a'));
      await dropped;
      expect(created).toMatchObject({ isCreated: true, run: { runId: 'a' } });
    } finally {
      flaky.disconnect();
      await proxy.cut();
    }
  });

  test('stages and pipelines do not block each other', async () => {
    expect((await store.create(aRun('a'))).isCreated).toBe(true);
    expect((await store.create(aRun('b', { stage: 'transform' }))).isCreated).toBe(true);
    expect((await store.create(aRun('c', { pipeline: 'other' }))).isCreated).toBe(true);
  });

  test('the final state frees the stage; the run stays open until it is verified', async () => {
    await store.create(aRun('a'));
    const final = await store.save(await stored('a'), { state: 'succeeded' });
    expect(await store.active('extract', 'numbers')).toBeNull();
    expect(await store.open()).toEqual(['a']);
    expect((await store.create(aRun('b'))).isCreated).toBe(true);
    await store.save(final as StoredRun, { verified: true });
    expect(await store.open()).toEqual(['b']);
    expect((await store.active('extract', 'numbers'))?.runId).toBe('b');
  });

  test('the last run of a stage that is over is known and kept, however many runs of others came since', async () => {
    const small = new RunStore(redis, 'elt', () => new Date(), 10);
    await small.create(aRun('a'));
    const final = await small.save(await stored('a'), { state: 'failed' });
    await small.save(final as StoredRun, { verified: false });
    for (let index = 0; index < 30; index++) {
      const runId = `t${index}`;
      await small.create(aRun(runId, { stage: 'transform', requestedAt: new Date(Date.now() + index).toISOString() }));
      await small.save(await stored(runId), { state: 'succeeded', verified: true });
    }
    expect((await small.list(10)).map(({ stage }) => stage)).not.toContain('extract');
    expect(await small.lastEnded('extract', 'numbers')).toMatchObject({ runId: 'a', state: 'failed', verified: false });
    expect(await small.lastEnded('transform', 'numbers')).toMatchObject({ runId: 't29' });
    expect(await small.lastEnded('maintain', 'numbers')).toBeNull();
    await small.create(aRun('b'));
    expect((await small.lastEnded('extract', 'numbers'))?.runId).toBe('a');
    expect(Number(await redis.zcard('elt:runs'))).toBeLessThanOrEqual(12);
  });

  test('who read an older version writes nothing', async () => {
    await store.create(aRun('a'));
    const first = await stored('a');
    expect(await store.save(first, { state: 'submitting' })).not.toBeNull();
    expect(await store.save(first, { state: 'running' })).toBeNull();
    expect((await stored('a')).run.state).toBe('submitting');
  });

  test('a hundred changes at once are all kept', async () => {
    await store.create(aRun('a'));
    const change = () => store.change('a', (run) => ({ calmSteps: run.calmSteps + 1 }));
    await Promise.all(Array.from({ length: 100 }, change));
    expect((await stored('a')).run.calmSteps).toBe(100);
  });

  test('one submission of a stage at a time, until the run leaves submitting', async () => {
    await store.create(aRun('a', { state: 'submitting' }));
    await store.create(aRun('b', { state: 'submitting', pipeline: 'other' }));
    const [a, b] = [await stored('a'), await stored('b')];
    expect(await store.maySubmit(a.run)).toBe(true);
    expect(await store.maySubmit(a.run)).toBe(true);
    expect(await store.maySubmit(b.run)).toBe(false);
    await store.save(a, { state: 'running' });
    expect(await store.maySubmit(b.run)).toBe(true);
  });

  test('of fifty runs that ask at once, one may submit', async () => {
    const runs = Array.from({ length: 50 }, (_, index) =>
      aRun(`r${index}`, { state: 'submitting', pipeline: `p${index}` }),
    );
    await redis.set('elt:submitting:extract', 'gone');
    for (const run of runs) await store.create(run);
    const answers = await Promise.all(runs.map((run) => store.maySubmit(run)));
    expect(answers.filter((may) => may)).toHaveLength(1);
  });

  test('a submission of a run that is not known any more does not block others', async () => {
    await redis.set('elt:submitting:extract', 'gone');
    await store.create(aRun('a', { state: 'submitting' }));
    const { run } = await stored('a');
    await store.maySubmit(run);
    expect(await store.maySubmit(run)).toBe(true);
  });

  test('runs are listed the newest first, and the oldest are forgotten', async () => {
    const at = (index: number) => new Date(1_700_000_000_000 + index * 1_000).toISOString();
    for (let index = 0; index < 1_005; index++) {
      const runId = `r${String(index).padStart(4, '0')}`;
      await store.create(aRun(runId, { requestedAt: at(index) }));
      await store.save(await stored(runId), { state: 'succeeded', verified: true });
    }
    const list = await store.list(3);
    expect(list.map(({ runId }) => runId)).toEqual(['r1004', 'r1003', 'r1002']);
    expect(await redis.zcard('elt:runs')).toBe(1_000);
    expect(await store.get('r0000')).toBeNull();
    expect(await redis.keys('elt:run:*')).toHaveLength(1_000);
  }, 60_000);

  test('a run that goes on is listed, however many newer ones there are', async () => {
    const at = (index: number) => new Date(1_700_000_000_000 + index * 1_000).toISOString();
    await store.create(aRun('r00', { stage: 'transform', requestedAt: at(0), state: 'running' }));
    for (let index = 1; index <= 25; index++) {
      const runId = `r${String(index).padStart(2, '0')}`;
      await store.create(aRun(runId, { requestedAt: at(index) }));
      await store.save(await stored(runId), { state: 'succeeded', verified: true });
    }
    expect((await store.list(2)).map(({ runId }) => runId)).toEqual(['r25', 'r24', 'r00']);
  });

  test('an active run that is final all the same does not block', async () => {
    await store.create(aRun('a'));
    await redis.hset('elt:run:a', 'json', JSON.stringify(aRun('a', { state: 'failed' })));
    expect((await store.create(aRun('b'))).isCreated).toBe(true);
  });
});
