/** Runs, queues and workers as Redis knows them, and what Spark has for them. */
import type { Config } from '../commons/config.js';
import type { Metrics } from '../commons/metrics.js';
import { askMaster, type MasterState } from '../spark/master-client.js';
import { type RunQueue, workersOf } from './queue.js';
import { type Run, type Stage, stages } from './run.js';
import type { RunStore } from './run-store.js';

/** How many of the newest runs are looked at for the newest verification. */
const newestRuns = 100;
export const activeStates = ['queued', 'submitting', 'running'] as const;

/** Stages that a pipeline declares; maintenance belongs to every one. */
export function stagesOf({ pipelines }: Pick<Config, 'pipelines'>): readonly { pipeline: string; stage: Stage }[] {
  return Object.entries(pipelines).flatMap(([pipeline, declared]) =>
    stages
      .filter((stage) => (stage !== 'extract' && stage !== 'transform') || declared[stage] !== undefined)
      .map((stage) => ({ pipeline, stage })),
  );
}

/** Active runs, waiting runs, newest verifications. */
export async function measureRuns(store: RunStore, config: Config, metrics: Metrics, now = Date.now()): Promise<void> {
  const ids = await store.open();
  const open = (await Promise.all(ids.map((id) => store.get(id)))).flatMap((stored) => stored?.run ?? []);
  for (const { pipeline, stage } of stagesOf(config)) {
    const own = open.filter((run) => run.pipeline === pipeline && run.stage === stage);
    for (const state of activeStates) {
      const runs = own.filter((run) => run.state === state).length;
      metrics.gauge('elt_active_runs', runs, { pipeline, stage, state });
    }
  }
  for (const stage of stages) measureWaiting(open, stage, metrics, now);
  for (const run of newestVerified(await store.list(newestRuns))) {
    const { pipeline, stage, verified } = run;
    metrics.gauge('elt_last_verification_passed', verified === true ? 1 : 0, { pipeline, stage });
  }
}

/** A run that waits for its next attempt waits on purpose: not for a worker. */
function measureWaiting(open: readonly Run[], stage: Stage, metrics: Metrics, now: number): void {
  const since = open
    .filter((run) => run.stage === stage && run.state === 'queued')
    .map(({ requestedAt, nextAttemptAt }) => Date.parse(nextAttemptAt ?? requestedAt))
    .filter((at) => at <= now);
  metrics.gauge('elt_queue_depth', since.length, { stage });
  if (since.length > 0) metrics.gauge('elt_oldest_waiting_seconds', (now - Math.min(...since)) / 1000, { stage });
}

/** Of each stage and pipeline the newest run that passed or failed. */
export function newestVerified(newestFirst: readonly Run[]): readonly Run[] {
  const found = new Map<string, Run>();
  for (const run of newestFirst.filter(({ verified }) => typeof verified === 'boolean')) {
    const key = `${run.pipeline}/${run.stage}`;
    if (!found.has(key)) found.set(key, run);
  }
  return [...found.values()];
}

/** Workers per queue, wherever they run. */
export async function measureWorkers(queues: ReadonlyMap<Stage, RunQueue>, metrics: Metrics): Promise<void> {
  for (const [stage, queue] of queues) metrics.gauge('elt_workers_alive', await workersOf(queue), { stage });
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
