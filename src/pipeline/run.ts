/** One execution of a stage: its states and what is known of it. Pure; `execute-run.ts` acts. */
import type { Generation, Position } from '../commons/position.js';
import type { DriverState } from '../spark/driver-state.js';
import type { SubmissionSpec, SubmitterName } from '../spark/submitter.js';
import { noProgress, type Progress } from './progress.js';

export type { Generation, Position };

/** The stages that move rows: what `elt run` offers and `elt validate` checks. */
export const dataStages = ['extract', 'transform'] as const;
export type DataStage = (typeof dataStages)[number];

/** Every kind of run. Each has a queue of its own; `maintain` moves no rows and claims no table. */
export const stages = [...dataStages, 'maintain'] as const;
export type Stage = (typeof stages)[number];
export type RunMode = 'follow' | 'drain';

export type RunState = 'queued' | 'submitting' | 'running' | 'succeeded' | 'failed' | 'stopped' | 'fenced' | 'lost';

export interface RunError {
  readonly code: string;
  readonly message: string;
}

export type Verified = boolean | 'unknown' | null;

/** What `elt run -o json` prints and `elt status -o json` lists. Unknown is null; 64-bit ids and offsets are strings; times ISO 8601 UTC. */
export interface RunReport {
  readonly runId: string;
  readonly pipeline: string;
  readonly stage: Stage;
  readonly state: RunState;
  readonly verified: Verified;
  readonly submissionId: string | null;
  readonly rows: number | null;
  readonly rejects: number | null;
  readonly startPosition: Position | null;
  readonly endPosition: Position | null;
  readonly snapshotIds: readonly string[];
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly error: RunError | null;
}

/** A driver that is one too many, or that an end could not be passed on to. */
export interface StrayDriver {
  readonly submissionId: string;
  readonly submitter: SubmitterName;
  readonly killSentAt: string | null;
}

/** Why a run was made. */
export type RunOrigin =
  | { readonly by: 'user' }
  | { readonly by: 'schedule'; readonly slot: string }
  | { readonly by: 'retry'; readonly of: string };

/** A run as it is kept in Redis. Holds no secret. Times are ISO 8601 UTC. */
export interface Run {
  readonly runId: string;
  readonly stage: Stage;
  readonly pipeline: string;
  readonly mode: RunMode;
  readonly state: RunState;
  /** The table whose position says how far the stage is: RAW or SILVER. */
  readonly table: string;
  readonly submitter: SubmitterName;
  /** What was planned is what runs: later changes of `elt.yaml` do not touch this run. */
  readonly spec: SubmissionSpec;
  /** Whether the driver is to be started although there is nothing to read (`--full-refresh`, `--accept-…`). */
  readonly isForced: boolean;
  /** Absent in records of older versions: a user. */
  readonly origin?: RunOrigin;
  /** From 1. A follow run whose attempt failed gets another one. */
  readonly attempt: number;
  /** Attempts in a row that committed nothing: they wait longer and longer. */
  readonly fruitlessAttempts: number;
  /** Commits of the attempts before this one. */
  readonly commitsBefore: number;
  readonly nextAttemptAt: string | null;
  readonly requestedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Driver ids that the master knew before this attempt was submitted: the intent. Null: not about to submit. */
  readonly prepared: readonly string[] | null;
  /** Written before a create request is sent: from then on a driver of this attempt may exist. */
  readonly submitTriedAt: string | null;
  readonly submissionId: string | null;
  readonly driverState: DriverState | null;
  /** Since when the driver is known to have ended. */
  readonly driverEndedAt: string | null;
  readonly logAddress: string | null;
  readonly progress: Progress;
  /** What the run waits for, for people. */
  readonly notice: string | null;
  /** Since when nobody who knows the driver answers. */
  readonly unreachableSince: string | null;
  /** Steps since something changed: polling slows down. */
  readonly calmSteps: number;
  readonly stopRequestedAt: string | null;
  readonly killRequestedAt: string | null;
  readonly killSentAt: string | null;
  /** Drivers that have to end and may not have yet; absent in records of older versions: none. */
  readonly strays?: readonly StrayDriver[];
  /** How a run ended that was asked to; absent and null: nobody asked, or it is not over. */
  readonly stopOutcome?: 'gracefully' | 'killed' | null;
  readonly verified: Verified;
  readonly verificationReason: string | null;
  readonly error: RunError | null;
}

/** What a run starts from. */
export type NewRun = Pick<
  Run,
  'runId' | 'stage' | 'pipeline' | 'mode' | 'table' | 'submitter' | 'spec' | 'isForced' | 'requestedAt' | 'origin'
>;

export function newRun(request: NewRun): Run {
  return {
    ...request,
    state: 'queued',
    attempt: 1,
    fruitlessAttempts: 0,
    commitsBefore: 0,
    nextAttemptAt: null,
    startedAt: null,
    endedAt: null,
    prepared: null,
    submitTriedAt: null,
    submissionId: null,
    driverState: null,
    driverEndedAt: null,
    logAddress: null,
    progress: noProgress,
    notice: null,
    unreachableSince: null,
    calmSteps: 0,
    stopRequestedAt: null,
    killRequestedAt: null,
    killSentAt: null,
    verified: null,
    verificationReason: null,
    error: null,
  };
}

const finalStates: ReadonlySet<RunState> = new Set(['succeeded', 'failed', 'stopped', 'fenced', 'lost']);

/** Whether nothing more will happen in this run. */
export function isFinal(state: RunState): boolean {
  return finalStates.has(state);
}

/** Whether the run is over and its verification was tried. */
export function isSettled(run: Run): boolean {
  return isFinal(run.state) && run.verified !== null;
}

/** Whether somebody asked for the end of this run. */
export function isAskedToEnd(run: Run): boolean {
  return run.stopRequestedAt !== null || run.killRequestedAt !== null;
}

/** `elt-extract-numbers-20261122t163000-x7k2ab`: how the driver is found again. Spark redacts names with "token" or "secret". */
export function driverName(run: Pick<Run, 'stage' | 'pipeline' | 'runId'>): string {
  return `elt-${run.stage}-${run.pipeline}-${run.runId}`;
}

/** The submission of the current attempt: a later attempt has a name and a claim of its own, so that it fences the earlier ones. */
export function attemptSpec({ spec, attempt, runId }: Pick<Run, 'spec' | 'attempt' | 'runId'>): SubmissionSpec {
  if (attempt === 1) return spec;
  const name = `${spec.name}-${attempt}`;
  const argument = JSON.parse(spec.args[0] ?? '{}') as Record<string, unknown>;
  return {
    ...spec,
    name,
    args: [JSON.stringify({ ...argument, claim: attemptClaim({ runId, attempt }) })],
    properties: { ...spec.properties, 'spark.app.name': name },
  };
}

/** Whether the run rebuilds SILVER and rejects from all of RAW. */
export function isFullRefresh({ spec }: Pick<Run, 'spec'>): boolean {
  return (JSON.parse(spec.args[0] ?? '{}') as { fullRefresh?: unknown }).fullRefresh === true;
}

/** The claim that the current attempt writes into the table. */
export function attemptClaim({ runId, attempt }: Pick<Run, 'runId' | 'attempt'>): string {
  return attempt === 1 ? runId : `${runId}.${attempt}`;
}

/** The JSON contract. */
export function reportOf(run: Run): RunReport {
  const { progress } = run;
  const durationMs =
    run.startedAt === null || run.endedAt === null ? null : Date.parse(run.endedAt) - Date.parse(run.startedAt);
  return {
    runId: run.runId,
    pipeline: run.pipeline,
    stage: run.stage,
    state: run.state,
    verified: run.verified,
    submissionId: run.submissionId,
    rows: progress.rows,
    rejects: progress.rejects,
    startPosition: progress.startPosition,
    endPosition: progress.endPosition,
    snapshotIds: progress.snapshotIds,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    durationMs,
    error: run.error,
  };
}
