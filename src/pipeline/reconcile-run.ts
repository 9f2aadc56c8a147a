/** One run brought in line with what Spark has of it. */

import type { Logger } from '../commons/logger.js';
import type { DriverRequest } from '../spark/submission.js';
import type { SeenDriver, SubmissionSpec, Submitter } from '../spark/submitter.js';
import type { Continuity } from './continuity.js';
import { type parseDriverName, requestedAtOf } from './driver-name.js';
import { beforeNextAttempt } from './progress.js';
import { isFinal, newRun, type Run, type RunMode, type Stage } from './run.js';
import type { RunStore } from './run-store.js';

export interface ReconcileServices {
  readonly store: RunStore;
  readonly continuity: Continuity;
  /** One submitter for each way that drivers may have been started. */
  readonly submitters: readonly Submitter[];
  /** Whose runs these are: the Redis prefix. */
  readonly owner: string;
  readonly isDeclared: (stage: Stage, pipeline: string) => boolean;
  readonly specOf: (request: DriverRequest) => SubmissionSpec;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** A live driver of one of our runs. */
export interface LiveRun extends NonNullable<ReturnType<typeof parseDriverName>> {
  readonly driver: SeenDriver;
  readonly submitter: Submitter;
}

/** A driver lives whose run Redis has lost: its launch command tells what it does, its stdout will tell how far it came. */
export async function importRun(live: LiveRun, isActive: boolean, services: ReconcileServices): Promise<void> {
  const { runId, stage, pipeline, attempt, firstName, driver, submitter } = live;
  const argument = { ...argumentOf(driver.argument), claim: runId };
  const requestedAt = requestedAtOf(runId);
  const { mode = 'drain', table = '' } = argument as { mode?: RunMode; table?: string };
  const request = { runId, stage, pipeline, mode, table, submitter: submitter.name, isForced: true, requestedAt };
  const spec = services.specOf({ name: firstName, mainClass: driver.mainClass, argument });
  const run: Run = { ...newRun({ ...request, spec }), startedAt: requestedAt, attempt, ...running(live) };
  const evidence = `Redis had no record of it; ${evidenceOf(live)}. Counted from what this driver says`;
  if (await services.store.import(run, isActive, { what: 'adopted', evidence })) {
    services.logger.warn(
      { runId, stage, pipeline, submissionId: driver.submissionId },
      'adopted a driver that Redis had lost',
    );
  }
}

/** A driver lives whose run Redis has, perhaps as it was some time ago. */
export async function bringInLine(
  stored: Run,
  live: LiveRun,
  isActive: boolean,
  { store, logger }: ReconcileServices,
): Promise<void> {
  if (isFinal(stored.state)) return;
  if (isActive) await store.makeActive(stored);
  const isBehind = (run: Run) => !isFinal(run.state) && run.attempt <= live.attempt && !isOf(run, live);
  const was = `Redis said ${stored.state}, attempt ${stored.attempt}, driver ${stored.submissionId ?? 'none'}`;
  const changed = await store.change(stored.runId, (run) => (isBehind(run) ? asOf(run, live) : null), {
    what: 'adopted',
    evidence: `${was}; ${evidenceOf(live)}`,
  });
  if (changed !== null && isBehind(stored)) {
    logger.warn(
      { runId: stored.runId, submissionId: live.driver.submissionId },
      'a run in Redis was behind its driver',
    );
  }
}

/**
 * A run of an earlier Redis without a live driver. Before it was submitted: perhaps it was, after this record was written; so it is looked
 * for by name, in the table, and only then submitted. While it ran: its driver's end is found by watching it.
 */
export async function lookFirst(
  stored: Run,
  ended: LiveRun | undefined,
  driverIds: readonly string[],
  { store, now }: ReconcileServices,
): Promise<void> {
  if (stored.state === 'running') return;
  const evidence = `Redis said ${stored.state}, attempt ${stored.attempt}, and may be older than the truth`;
  await store.change(
    stored.runId,
    (run) => {
      if (isFinal(run.state) || run.state === 'running') return null;
      if (ended !== undefined && ended.attempt >= run.attempt) return asOf(run, ended);
      return { state: 'submitting', prepared: driverIds, submitTriedAt: now().toISOString(), nextAttemptAt: null };
    },
    ended === undefined
      ? { what: 'looked for', evidence }
      : { what: 'adopted', evidence: `${evidence}; ${evidenceOf(ended)}` },
  );
}

function running({ driver }: LiveRun): Partial<Run> {
  return {
    state: 'running',
    submissionId: driver.submissionId,
    driverState: driver.driverState,
    logAddress: driver.logAddress,
    driverEndedAt: null,
    unreachableSince: null,
    killSentAt: null,
    notice: null,
    calmSteps: 0,
  };
}

/** The run with this driver as its current attempt's. */
function asOf(run: Run, live: LiveRun): Partial<Run> {
  const isLater = run.attempt !== live.attempt;
  return { ...running(live), attempt: live.attempt, ...(isLater && { progress: beforeNextAttempt(run.progress) }) };
}

function isOf(run: Run, live: LiveRun): boolean {
  return run.state === 'running' && run.submissionId === live.driver.submissionId;
}

function evidenceOf({ driver, attempt }: LiveRun): string {
  const state = driver.driverState?.toUpperCase() ?? 'unknown';
  return `driver ${driver.submissionId} is ${state}, its launch command names ${driver.name} (attempt ${attempt})`;
}

function argumentOf(text: string | null): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text ?? '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}
