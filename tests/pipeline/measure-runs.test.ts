import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Config } from '../../src/commons/config.js';
import { configSchema } from '../../src/commons/config-schema.js';
import { redisVerdicts } from '../../src/pipeline/last-verdicts.js';
import { measureRuns, measureVerifications, measureWorkers, openRuns } from '../../src/pipeline/measure-runs.js';
import { openQueue, type RunQueue } from '../../src/pipeline/queue.js';
import { type Stage, stages, type Verified } from '../../src/pipeline/run.js';
import { RunStore } from '../../src/pipeline/run-store.js';
import { StageWorker } from '../../src/pipeline/stage-worker.js';
import { until } from '../cli/program.js';
import { recorder } from '../recorded-metrics.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { aRun } from './runs.js';
import { World } from './world.js';

const declared = { extract: { topic: 't', table: 'raw.n' }, transform: { table: 'silver.n', sql: 'n.sql' } };
const configOf = (maintain: object) =>
  configSchema.parse({ pipelines: { numbers: { ...declared, maintain } } }) as unknown as Config;
const config = configOf({});

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});

afterAll(async () => {
  redis.disconnect();
  await server.close();
});

describe('who waits for a worker', () => {
  const now = Date.parse('2026-11-22T16:31:00Z');
  const waited = (open: Parameters<typeof measureRuns>[0]) => {
    const { metrics, sent } = recorder();
    measureRuns(open, config, metrics, now);
    const of = (name: string) =>
      Object.fromEntries(sent.filter(([one]) => one === name).map(([, value, { stage }]) => [stage, value]));
    return { depth: of('elt_queue_depth'), oldest: of('elt_oldest_waiting_seconds') };
  };

  test('that nobody waits is told as 0', () => {
    const nobody = { extract: 0, transform: 0, maintain: 0 };
    expect(waited([])).toEqual({ depth: nobody, oldest: nobody });
    expect(waited([{ ...aRun('r1'), state: 'running' }])).toEqual({ depth: nobody, oldest: nobody });
  });

  test('the oldest of those that wait, but not whoever waits for its next attempt', () => {
    const queued = (runId: string, requestedAt: string, nextAttemptAt: string | null = null) => ({
      ...aRun(runId),
      ...{ state: 'queued' as const, requestedAt, nextAttemptAt },
    });
    const open = [
      queued('r1', '2026-11-22T16:30:50Z'),
      queued('r2', '2026-11-22T16:30:30Z'),
      queued('r3', '2026-11-22T16:00:00Z', '2026-11-22T16:31:10Z'),
    ];
    expect(waited(open)).toEqual({
      depth: { extract: 2, transform: 0, maintain: 0 },
      oldest: { extract: 30, transform: 0, maintain: 0 },
    });
  });
});

describe('the newest verification of a stage', () => {
  const labels = (stage: Stage) => ({ pipeline: 'numbers', stage });

  async function told(prefix: string) {
    const { metrics, sent } = recorder();
    await measureVerifications(redisVerdicts(redis, prefix), config, metrics);
    return sent.map(([, value, of]) => [value, of]);
  }

  async function keep(prefix: string, stage: Stage, verified: Verified): Promise<void> {
    const found = { at: new Date().toISOString(), verified, checks: [] };
    await redisVerdicts(redis, prefix).keepVerdicts(stage, 'numbers', found);
  }

  test('stays failed through 150 newer runs of another stage, and through one that could not tell', async () => {
    await keep('many', 'extract', false);
    for (let run = 0; run < 150; run++) await keep('many', 'transform', true);
    await keep('many', 'extract', 'unknown');
    expect(await told('many')).toEqual([
      [0, labels('extract')],
      [1, labels('transform')],
    ]);
    await keep('many', 'extract', true);
    expect(await told('many')).toContainEqual([1, labels('extract')]);
  });

  test('before the first one that could tell nothing is said', async () => {
    await keep('first', 'extract', 'unknown');
    expect(await told('first')).toEqual([]);
  });
});

describe('that nobody serves a queue', () => {
  let world: World;
  let store: RunStore;
  const queues = new Map<Stage, RunQueue>();

  beforeAll(async () => {
    world = await World.open(server.url, 'workers');
    store = new RunStore(redis, 'workers');
    for (const stage of stages)
      queues.set(
        stage,
        openQueue(stage, { url: server.url, prefix: 'workers' }, () => {}),
      );
  });

  afterAll(async () => {
    await Promise.all([...queues.values()].map((queue) => queue.close()));
    await world.close();
  });

  async function workers(of: Config): Promise<Record<string, number>> {
    const { metrics, sent } = recorder();
    await measureWorkers(await openRuns(store), queues, of, metrics);
    return Object.fromEntries(sent.map(([, value, { stage }]) => [stage, value]));
  }

  test('is told of declared stages, and of maintenance with a schedule or a run that waits', async () => {
    expect(await workers(config)).toEqual({ extract: 0, transform: 0 });
    expect(await workers(configOf({ schedule: { every: '1d' } }))).toEqual({ extract: 0, transform: 0, maintain: 0 });
    await store.create(aRun('m', { stage: 'maintain' }));
    expect(await workers(config)).toEqual({ extract: 0, transform: 0, maintain: 0 });
  });

  test('and a worker that is there is counted in any case', async () => {
    const worker = new StageWorker('maintain', { url: server.url, prefix: 'workers' }, world.services);
    try {
      await until('it is counted', async () => (await workers(config))['maintain'] === 1);
    } finally {
      await worker.close(100);
    }
  });
});
