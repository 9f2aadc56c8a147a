import type { Logger } from '../commons/logger.js';
import type { Metrics } from '../commons/metrics.js';
import type { Submitter, SubmitterName } from '../spark/submitter.js';
import type { CheckResult } from './check.js';
import type { Outcome } from './outcome.js';
import type { RunFlags } from './plan.js';
import type { Clarity } from './reconcile.js';
import type { NewRun, Run, Stage } from './run.js';
import type { Finding } from './run-log.js';
import type { RunStore, StoredRun } from './run-store.js';
import type { ScheduleStore } from './schedule-store.js';
import type { StageDefinition } from './stage.js';

/** What the steps of a run need. */
export interface RunServices {
  readonly store: RunStore;
  /** Brings the runs in line with Spark when Redis may have lost something; at once when it has not. */
  readonly reconcile: (signal: AbortSignal) => Promise<Clarity>;
  readonly stage: (stage: Stage) => StageDefinition;
  /** What a run would be now; `runId`: this one, planned anew. @throws EltError for what somebody has to correct */
  readonly plan: (stage: Stage, pipeline: string, flags: RunFlags, runId?: string) => NewRun;
  /** Why a planned submission must not be started by this process, in words; null when it may. */
  readonly refusal: (run: Run) => string | null;
  readonly schedules: ScheduleStore;
  readonly submitter: (name: SubmitterName) => Submitter;
  /** After this long without an answer from anybody who knows the driver, the run is lost (spark.worker.timeout). */
  readonly workerTimeoutMs: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

/** What a step found: what to write down, how the attempt ended if it did, and when to look again. */
export interface Step {
  readonly changes?: Partial<Run>;
  readonly outcome?: Outcome;
  /** What that was concluded from, for the run's log. */
  readonly finding?: Finding;
  readonly delayMs: number;
  /** What a verification looked at, for those who count. */
  readonly checks?: readonly Pick<CheckResult, 'verdict'>[];
  /** The run as the step itself wrote it meanwhile. */
  readonly basedOn?: StoredRun;
}
