/**
 * Thousands of runs against a Spark master that forgets, lies and restarts, with workers that come and go. `ELT_MANY_RUNS` says how many
 * (npm run drill: 10,000); otherwise as many as fit into half a minute, with a history that is as much shorter.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { enqueue, openQueue, type RunQueue } from '../../src/pipeline/queue.js';
import { isFinal, isSettled, type Run } from '../../src/pipeline/run.js';
import { newRunId } from '../../src/pipeline/run-id.js';
import { RunStore } from '../../src/pipeline/run-store.js';
import { StageWorker } from '../../src/pipeline/stage-worker.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { seededRandom } from '../stack/harness.js';
import { aRun } from './runs.js';
import { endEvent, World } from './world.js';

const total = Number(process.env['ELT_MANY_RUNS'] ?? 250);
const history = Math.min(1_000, Math.ceil(total / 3));
const early = total >= 10_000 ? total / 5 : Math.ceil(total * 0.6);
const stages = ['extract', 'transform'] as const;
const pipelines = Array.from({ length: 20 }, (_, index) => `p${index}`);

let server: RedisServer;
let world: World;

beforeAll(async () => {
  server = await startRedis();
  world = await World.open(server.url, 'many');
});

afterAll(async () => {
  await world.close();
  await server.close();
});

/** What the tables say of drivers that have ended. */
const released = new Map<string, { claim: string; state: string }>();

/** Counts the final states that are written, and knows which runs are settled: the oldest are soon forgotten. */
class CountingStore extends RunStore {
  readonly ends: string[] = [];
  readonly settled = new Set<string>();

  override async save(...[stored, ...rest]: Parameters<RunStore['save']>) {
    const saved = await super.save(stored, ...rest);
    if (saved === null) return null;
    if (isFinal(saved.run.state) && !isFinal(stored.run.state)) this.ends.push(`${saved.run.runId} ${saved.run.state}`);
    if (isSettled(saved.run)) this.settled.add(saved.run.runId);
    return saved;
  }
}

const pause = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

async function usedBytes(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await world.redis.info('memory'))?.[1]);
}

/** The master lies in one status answer of ten, loses one answer of thirty to a create, and restarts every two seconds. */
function misbehave(random: () => number): NodeJS.Timeout {
  const { master } = world;
  const lies = ['error-page', 'no-state', 'odd-state', 'standby'] as const;
  master.statusMode = () => (random() < 0.1 ? (lies[Math.floor(random() * lies.length)] ?? 'truth') : 'truth');
  master.retainedDrivers = 20;
  master.onCreate = (driver) => {
    const { runId } = JSON.parse(driver.args[0] ?? '{}') as { runId: string };
    const ends = () => {
      released.set(runId, { claim: runId, state: 'succeeded' });
      Object.assign(driver, { stdout: endEvent(runId, 'succeeded'), state: 'FINISHED' });
    };
    setTimeout(ends, 20 + random() * 200);
    master.createMode = random() < 0.03 ? 'drop-answer' : random() < 0.03 ? 'refuse' : 'answer';
    if (master.createMode !== 'answer') setTimeout(() => Object.assign(master, { createMode: 'answer' }), 20);
  };
  return setInterval(() => {
    master.restart();
    master.status = 'RECOVERING';
    setTimeout(() => Object.assign(master, { status: 'ALIVE' }), 200);
  }, 2_000);
}

test(`${total} runs: as many final states, one create each, and Redis does not grow`, async () => {
  const random = seededRandom('many runs');
  const store = new CountingStore(world.redis, 'many', () => new Date(), history);
  const stage = {
    caughtUp: async () => null,
    verify: async () => ({ verified: true, reason: null }),
    tableFacts: async ({ runId }: Run) => ({
      claims: released.has(runId) ? [runId] : [],
      released: released.get(runId) ?? null,
      commits: [],
    }),
  };
  const services = { ...world.services, store, stage: () => stage, now: () => new Date() };
  const address = { url: server.url, prefix: 'many' };
  const restarting = misbehave(random);
  const queues = new Map<string, RunQueue>(stages.map((stage) => [stage, openQueue(stage, address, () => undefined)]));
  const workers = stages.flatMap((stage) => [0, 1].map(() => new StageWorker(stage, address, services)));
  let next = 0;
  let finished = 0;
  const memory: number[] = [];

  const oneAfterAnother = async (stage: (typeof stages)[number], pipeline: string) => {
    while (next < total) {
      next++;
      const runId = newRunId(new Date());
      expect((await store.create(aRun(runId, { stage, pipeline }))).isCreated).toBe(true);
      await enqueue(queues.get(stage) as RunQueue, runId);
      while (!store.settled.has(runId)) await pause(50);
      finished++;
      if (finished === early || finished === total) memory.push(await usedBytes());
    }
  };
  const replacing = (async () => {
    for (; finished < total; await pause(3_000)) {
      const index = Math.floor(random() * workers.length);
      await workers[index]?.close(100);
      workers[index] = new StageWorker(stages[index < 2 ? 0 : 1], address, services);
    }
  })();
  await Promise.all(stages.flatMap((stage) => pipelines.map((pipeline) => oneAfterAnother(stage, pipeline))));
  await replacing;
  clearInterval(restarting);
  await Promise.all(workers.map((worker) => worker.close()));
  await Promise.all([...queues.values()].map((queue) => queue.close()));

  expect(store.ends.filter((end) => !end.endsWith(' succeeded'))).toEqual([]);
  expect([store.ends.length, new Set(store.ends).size]).toEqual([total, total]);
  const names = world.master.bodies.map(({ sparkProperties }) => sparkProperties['spark.app.name']);
  expect([names.length, new Set(names).size]).toEqual([total, total]);
  const [before = 0, after = 0] = memory;
  process.stderr.write(`Redis: ${before} bytes after ${early} runs, ${after} after ${total}\n`);
  expect(after / before).toBeLessThan(1.15);
}, 3_600_000);
