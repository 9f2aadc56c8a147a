/**
 * The story of one run, told step by step: each step looks, decides, writes down what changed and says when to look again. Steps are
 * short and keep nothing in memory, so that any elt worker can take the next one, whatever happened to the worker before.
 */

import { EltError } from '../commons/errors.js';
import { failpoint } from '../commons/failpoint.js';
import type { Logger } from '../commons/logger.js';
import { attemptBackoff, delayMs } from '../commons/retry.js';
import { deservesNewAttempt, type Outcome } from './outcome.js';
import { beforeNextAttempt } from './progress.js';
import { attemptSpec, isAskedToEnd, isFinal, isSettled, type Run } from './run.js';
import { measureStep } from './run-metrics.js';
import type { RunServices, Step } from './run-services.js';
import { endStrays, hasStrays } from './stray-drivers.js';
import { heldBack, isBeforeSubmission } from './submission-gate.js';
import { submitDriver } from './submit-driver.js';
import { watchDriver } from './watch-driver.js';

/** Takes the run's next step. Returns when to take the one after it (ms), or `settled` when there is none. */
export async function executeRun(
  runId: string,
  services: RunServices,
  signal: AbortSignal,
): Promise<number | 'settled'> {
  const stored = await services.store.get(runId);
  if (stored === null || isSettled(stored.run)) return 'settled';
  const clarity = await services.reconcile(signal);
  if (clarity.isClear && clarity.hasChanged) return 0;
  const step =
    (await endStrays(stored.run, services, signal)) ??
    (isBeforeSubmission(stored.run) ? await heldBack(stored.run, clarity, services) : null) ??
    (await nextStep(stored.run, services, signal));
  const { basedOn = stored } = step;
  if (step.outcome !== undefined) await failpoint('end-before-save');
  const changes = { ...step.changes, ...(step.outcome === undefined ? {} : conclude(basedOn.run, step, services)) };
  const saved = await services.store.save(basedOn, changes, step.finding);
  if (saved === null) return 0;
  tell(stored.run, saved.run, services.logger);
  measureStep(stored.run, saved.run, step, services.metrics);
  return isSettled(saved.run) ? 'settled' : isFinal(saved.run.state) && !hasStrays(saved.run) ? 0 : step.delayMs;
}

async function nextStep(run: Run, services: RunServices, signal: AbortSignal): Promise<Step> {
  if (isFinal(run.state)) return hasStrays(run) ? { delayMs: 1_000 } : await verify(run, services, signal);
  const refusal = hasDriver(run) ? null : services.refusal(run);
  if (refusal !== null) {
    const spec = run.mode === 'follow' && run.attempt > 1 ? specOfToday(run, services) : null;
    if (spec === null) return { outcome: { state: 'failed', error: refusedSpec(run, refusal) }, delayMs: 0 };
    return { changes: { spec }, finding: { what: 'planned anew', evidence: refusal }, delayMs: 0 };
  }
  if (run.state === 'queued') return await declareIntent(run, services, signal);
  if (run.state === 'submitting') return await submitDriver(run, services, signal);
  return await watchDriver(run, services, signal);
}

/** Whether the current attempt has a driver, or may have one. */
function hasDriver(run: Run): boolean {
  return run.state === 'running' || run.submitTriedAt !== null;
}

/** A follow run outlives deployments: its next attempt starts what is configured now, into the same table. */
function specOfToday(run: Run, services: RunServices): Run['spec'] | null {
  try {
    const planned = services.plan(run.stage, run.pipeline, { follow: true }, run.runId);
    const isSame = planned.table === run.table && services.refusal({ ...run, spec: planned.spec }) === null;
    return isSame ? planned.spec : null;
  } catch (error) {
    if (!(error instanceof EltError)) throw error;
    return null;
  }
}

function refusedSpec(run: Run, refusal: string) {
  const message = `The submission of ${run.runId} is not one that this worker would plan: ${refusal}. Nothing was submitted. With the configuration of today: elt retry ${run.runId}`;
  return { code: 'spec-refused', message };
}

/** Writes down that a driver is about to be submitted, and which drivers there were before. */
async function declareIntent(run: Run, services: RunServices, signal: AbortSignal): Promise<Step> {
  const untilAttemptMs = run.nextAttemptAt === null ? 0 : Date.parse(run.nextAttemptAt) - services.now().getTime();
  if (untilAttemptMs > 0) return { delayMs: Math.min(untilAttemptMs, 1_000) };

  const startedAt = run.startedAt ?? services.now().toISOString();
  const [prepared, position] = await Promise.all([
    services.submitter(run.submitter).prepare(attemptSpec(run).name, signal),
    positionIfCaughtUp(run, services, signal),
  ]);
  if (position !== null) {
    const progress = { ...run.progress, rows: 0, rejects: 0, lag: 0, startPosition: position, endPosition: position };
    const finding = { evidence: `nothing to read: the position of ${run.table} is at the end` };
    return { changes: { startedAt, progress }, outcome: { state: 'succeeded', error: null }, finding, delayMs: 0 };
  }
  if (prepared === null) {
    return { changes: { startedAt, notice: 'The Spark master cannot be reached; trying again.' }, delayMs: 1_000 };
  }
  const intent = { state: 'submitting', startedAt, notice: null } as const;
  if (prepared.isNameKnown) {
    const finding = { evidence: 'an application of this very name is or was there: looking for its driver' };
    return { changes: { ...intent, prepared: [], submitTriedAt: services.now().toISOString() }, finding, delayMs: 0 };
  }
  const spec = (await services.stage(run.stage).finishSpec?.(run, signal)) ?? run.spec;
  return {
    changes: { ...intent, spec, prepared: prepared.driverIds, submitTriedAt: null },
    finding: { evidence: `the Spark master knows ${prepared.driverIds.length} drivers before it` },
    delayMs: 0,
  };
}

/** A drain run with nothing to read submits nothing. Whoever cannot be asked now does not matter: the driver will find out. */
async function positionIfCaughtUp(run: Run, { stage, logger }: RunServices, signal: AbortSignal) {
  if (run.mode !== 'drain' || run.isForced || run.attempt > 1) return null;
  try {
    return await stage(run.stage).caughtUp(run.pipeline, signal);
  } catch (error) {
    signal.throwIfAborted();
    logger.debug({ err: error, runId: run.runId }, 'cannot tell whether there is anything to read');
    return null;
  }
}

/** The end of an attempt: the run's end too, unless it is one that goes on for ever. */
function conclude(run: Run, { outcome, changes }: Step, services: RunServices): Partial<Run> {
  const { state, error } = outcome as Outcome;
  const now = services.now();
  const after = { ...run, ...changes };
  if (after.mode === 'drain' || isAskedToEnd(after) || !deservesNewAttempt({ state, error })) {
    return { state, error, notice: null, endedAt: now.toISOString() };
  }
  const fruitlessAttempts = after.progress.commits > run.commitsBefore ? 0 : run.fruitlessAttempts + 1;
  const pauseMs = delayMs(attemptBackoff, fruitlessAttempts);
  return {
    state: 'queued',
    attempt: run.attempt + 1,
    fruitlessAttempts,
    commitsBefore: after.progress.commits,
    nextAttemptAt: new Date(now.getTime() + pauseMs).toISOString(),
    notice: `Attempt ${run.attempt} ${state} (${error?.code}): ${error?.message} Attempt ${run.attempt + 1} in ${Math.ceil(pauseMs / 1000)} s.`,
    prepared: null,
    submitTriedAt: null,
    submissionId: null,
    driverState: null,
    driverEndedAt: null,
    logAddress: null,
    killSentAt: null,
    unreachableSince: null,
    calmSteps: 0,
    progress: beforeNextAttempt(after.progress),
  };
}

/** Through Trino, from the outside: what the run committed is what the tables hold. */
async function verify(run: Run, { stage, logger }: RunServices, signal: AbortSignal): Promise<Step> {
  try {
    const { verified, reason, checks } = await stage(run.stage).verify(run, signal);
    return { checks, changes: { verified, verificationReason: reason }, delayMs: 0 };
  } catch (error) {
    signal.throwIfAborted();
    logger.warn({ err: error, runId: run.runId }, 'the run could not be verified');
    return { changes: { verified: 'unknown', verificationReason: (error as Error).message }, delayMs: 0 };
  }
}

function tell(before: Run, after: Run, logger: Logger): void {
  const facts = { runId: after.runId, stage: after.stage, pipeline: after.pipeline };
  if (before.state !== after.state) {
    logger.info({ ...facts, state: after.state, ...(after.error === null ? {} : { error: after.error }) }, 'run state');
  }
  if (before.submissionId !== after.submissionId && after.submissionId !== null) {
    logger.info({ ...facts, submissionId: after.submissionId }, 'driver submitted');
  }
  if (before.notice !== after.notice && after.notice !== null) logger.info(facts, after.notice);
  if (before.verified !== after.verified) {
    logger.info({ ...facts, verified: after.verified, reason: after.verificationReason }, 'run verified');
  }
}
