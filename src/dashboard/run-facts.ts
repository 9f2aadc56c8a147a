/** What Redis says: runs, who is active, who serves the queues, what was verified. */
import type { Redis } from 'ioredis';
import type { Config } from '../commons/config.js';
import { maskUrl } from '../commons/secret-names.js';
import type { Baseline } from '../pipeline/check.js';
import { type KeptVerdicts, redisVerdicts } from '../pipeline/last-verdicts.js';
import { type RunQueue, workersOf } from '../pipeline/queue.js';
import { isFinal, type Run, type Stage, stages } from '../pipeline/run.js';
import { RunStore } from '../pipeline/run-store.js';
import { redisBaselines } from '../pipeline/verified-baseline.js';
import { within } from './within.js';

export interface StageFacts {
  readonly active: Run | null;
  /** The newest run that is over, where it is not among the newest runs of all. */
  readonly ended: Run | null;
  readonly baseline: Baseline | null;
  readonly verdicts: KeptVerdicts | null;
}

export interface RunFacts {
  readonly runs: readonly Run[];
  /** By `STAGE PIPELINE`. */
  readonly stages: ReadonlyMap<string, StageFacts>;
  readonly workers: Readonly<Record<Stage, number | null>>;
}

export const shownRuns = 25;
const answerWithinMs = 2_000;

export interface RunFactsSources {
  readonly redis: Redis;
  readonly config: Config;
  readonly queues: ReadonlyMap<Stage, RunQueue>;
}

/** @throws Error that names Redis and the reason when it does not answer */
export async function readRunFacts({ redis, config, queues }: RunFactsSources): Promise<RunFacts> {
  try {
    return await within(answerWithinMs, 'Redis', read(redis, config, queues));
  } catch (error) {
    throw new Error(`Redis at ${maskUrl(config.redis.url)} cannot be reached: ${reasonOf(redis, error)}`, {
      cause: error,
    });
  }
}

async function read(redis: Redis, config: Config, queues: RunFactsSources['queues']): Promise<RunFacts> {
  // First of all: the queues' own connections would wait for Redis for ever.
  await redis.ping();
  const store = new RunStore(redis, config.redis.prefix);
  const baselines = redisBaselines(redis, config.redis.prefix, config.catalog.name);
  const { verdicts } = redisVerdicts(redis, config.redis.prefix);
  const all = Object.entries(config.pipelines).flatMap(([pipeline, declared]) =>
    stages.map(async (stage): Promise<[string, StageFacts]> => {
      const table = stage === 'maintain' ? undefined : declared[stage]?.table;
      const baseline = table === undefined ? null : await baselines.read(table);
      const active = await store.active(stage, pipeline);
      const ended = await store.lastEnded(stage, pipeline);
      return [`${stage} ${pipeline}`, { active, ended, baseline, verdicts: await verdicts(stage, pipeline) }];
    }),
  );
  const counts = stages.map(async (stage): Promise<[Stage, number | null]> => {
    const queue = queues.get(stage);
    return [stage, queue === undefined ? null : await workersOf(queue)];
  });
  const [runs, stageFacts, workers] = await Promise.all([store.list(shownRuns), Promise.all(all), Promise.all(counts)]);
  return { runs, stages: new Map(stageFacts), workers: Object.fromEntries(workers) as Record<Stage, number | null> };
}

/** The newest run of a stage that is over. */
export function lastEnded({ runs, stages: facts }: RunFacts, stage: Stage, pipeline: string): Run | null {
  const listed = runs.find((run) => run.stage === stage && run.pipeline === pipeline && isFinal(run.state));
  return listed ?? facts.get(`${stage} ${pipeline}`)?.ended ?? null;
}

function reasonOf(redis: Redis, error: unknown): string {
  if (redis.status === 'ready') return error instanceof Error ? error.message : String(error);
  return 'no connection';
}
