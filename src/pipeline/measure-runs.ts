/** Runs, queues and workers as Redis knows them, and what Spark has for them. */
import type { Config } from '../commons/config.js';
import type { Metrics } from '../commons/metrics.js';
import { askMaster, type MasterState } from '../spark/master-client.js';
import type { VerdictStore } from './last-verdicts.js';
import { type RunQueue, workersOf } from './queue.js';
import { type Run, type Stage, stages } from './run.js';
import type { RunStore } from './run-store.js';

export const activeStates = ['queued', 'submitting', 'running'] as const;

/** Stages that a pipeline declares; maintenance belongs to every one. */
export function stagesOf({ pipelines }: Pick<Config, 'pipelines'>): readonly { pipeline: string; stage: Stage }[] {
  return Object.entries(pipelines).flatMap(([pipeline, declared]) =>
    stages
      .filter((stage) => (stage !== 'extract' && stage !== 'transform') || declared[stage] !== undefined)
      .map((stage) => ({ pipeline, stage })),
  );
}

/** Active runs and waiting runs, of those that are open. */
export function measureRuns(open: readonly Run[], config: Config, metrics: Metrics, now = Date.now()): void {
  for (const { pipeline, stage } of stagesOf(config)) {
    const own = open.filter((run) => run.pipeline === pipeline && run.stage === stage);
    for (const state of activeStates) {
      const runs = own.filter((run) => run.state === state).length;
      metrics.gauge('elt_active_runs', runs, { pipeline, stage, state });
    }
  }
  for (const stage of stages) measureWaiting(open, stage, metrics, now);
}

/** Runs that are not settled. */
export async function openRuns(store: RunStore): Promise<readonly Run[]> {
  const ids = await store.open();
  return (await Promise.all(ids.map((id) => store.get(id)))).flatMap((stored) => stored?.run ?? []);
}

/** Newest verifications, each stage by itself: however many runs of others there were since, a failed one stays failed. */
export async function measureVerifications(
  { verdicts }: VerdictStore,
  config: Config,
  metrics: Metrics,
): Promise<void> {
  for (const { pipeline, stage } of stagesOf(config)) {
    const hasPassed = (await verdicts(stage, pipeline))?.hasPassed ?? null;
    if (hasPassed !== null) metrics.gauge('elt_last_verification_passed', hasPassed ? 1 : 0, { pipeline, stage });
  }
}

/** A run that waits for its next attempt waits on purpose: not for a worker. */
function measureWaiting(open: readonly Run[], stage: Stage, metrics: Metrics, now: number): void {
  const since = open
    .filter((run) => run.stage === stage && run.state === 'queued')
    .map(({ requestedAt, nextAttemptAt }) => Date.parse(nextAttemptAt ?? requestedAt))
    .filter((at) => at <= now);
  metrics.gauge('elt_queue_depth', since.length, { stage });
  metrics.gauge('elt_oldest_waiting_seconds', (now - Math.min(now, ...since)) / 1000, { stage });
}

/** Workers per queue, wherever they run. That nobody serves a queue is worth telling only where somebody needs it. */
export async function measureWorkers(
  open: readonly Run[],
  queues: ReadonlyMap<Stage, RunQueue>,
  config: Config,
  metrics: Metrics,
): Promise<void> {
  const needed = neededStages(config, open);
  for (const [stage, queue] of queues) {
    const workers = await workersOf(queue);
    if (workers > 0 || needed.has(stage)) metrics.gauge('elt_workers_alive', workers, { stage });
  }
}

/** Stages that pipelines declare (maintenance: by a schedule), and those of runs that are not over. */
function neededStages(config: Pick<Config, 'pipelines'>, open: readonly Run[]): ReadonlySet<Stage> {
  const isScheduled = (pipeline: string) => config.pipelines[pipeline]?.maintain?.schedule !== undefined;
  const declared = stagesOf(config).filter(({ pipeline, stage }) => stage !== 'maintain' || isScheduled(pipeline));
  return new Set([...declared, ...open].map(({ stage }) => stage));
}

/** Cores, as the live Spark master counts them; nothing when no master answers. */
export async function measureSpark({ spark }: Config, metrics: Metrics, signal: AbortSignal): Promise<void> {
  const answer = await askMaster(spark.ui, signal);
  if (!answer.isAlive) return;
  const alive = answer.state.workers.filter(({ state }) => state === 'ALIVE');
  metrics.gauge(
    'elt_spark_cores_free',
    alive.reduce((sum, { coresFree }) => sum + coresFree, 0),
    {},
  );
  metrics.gauge('elt_spark_cores_waiting', waitingCores(answer.state, spark), {});
}

/** Drivers that no worker has taken, and executors of our applications that no worker has taken. */
export function waitingCores(
  { drivers, activeApplications }: Pick<MasterState, 'drivers' | 'activeApplications'>,
  spark: Pick<Config['spark'], 'driver' | 'coresMax'>,
): number {
  const waiting = drivers.filter(({ state }) => state === 'SUBMITTED').length * spark.driver.cores;
  const ours = activeApplications.filter(({ name, state }) => state === 'WAITING' && name.startsWith('elt-'));
  return ours.reduce((sum, { cores }) => sum + Math.max(0, spark.coresMax - cores), waiting);
}
