/** Following a driver: its events, its state in Spark, and how it ended. */
import { failpoint } from '../commons/failpoint.js';
import { delayMs, pollBackoff } from '../commons/retry.js';
import { completeLines } from '../spark/driver-log.js';
import { type DriverStatus, isEnded } from '../spark/driver-state.js';
import type { Submitter } from '../spark/submitter.js';
import { afterEnd, concluded, pick } from './driver-end.js';
import { isEndOverdue, termThenKillMs } from './end-request.js';
import { lost } from './outcome.js';
import { advance, type Progress } from './progress.js';
import type { Run } from './run.js';
import type { RunServices, Step } from './run-services.js';
import { withStray } from './stray-drivers.js';

const chunksPerStep = 16;

/** Reads what the driver said, asks Spark for it and decides what that means. */
export async function watchDriver(run: Run, services: RunServices, signal: AbortSignal): Promise<Step> {
  await failpoint('poll');
  const submitter = services.submitter(run.submitter);
  const submissionId = run.submissionId as string;
  const asked = await passOnRequests(run, submitter, services, signal);
  const status = await submitter.status(submissionId, signal);
  const logAddress = run.logAddress ?? (await submitter.logAddress(submissionId, status, signal));
  const { progress, isLogComplete } = await readEvents(run, logAddress, submitter, signal);
  const seen: Run = { ...run, ...asked, logAddress, progress, driverState: stateOf(run, status) };

  if (progress.end !== null) return await concluded(seen, services, { isLogComplete: true }, signal);
  if (status.isKnown && isEnded(status.driverState) && status.driverState !== 'error') {
    return await afterEnd(seen, status, isLogComplete, services, signal);
  }
  if (isEndOverdue(seen, services.now())) return await endOverdue(seen, services, signal);
  if (!status.isKnown || status.driverState === 'error' || status.driverState === 'unknown') {
    return await withoutSpark(run, seen, status, isLogComplete, services, signal);
  }
  const notice = progress.waiting ?? (await startsSlowly(seen, submitter, signal));
  return goOn(run, { ...seen, notice, unreachableSince: null, driverEndedAt: null });
}

/** `stop` is SIGTERM, once; `kill` is as hard as the engine can. A stop that takes too long becomes a kill. */
async function passOnRequests(run: Run, submitter: Submitter, services: RunServices, signal: AbortSignal) {
  const now = services.now();
  const isLate = run.killSentAt !== null && now.getTime() - Date.parse(run.killSentAt) > termThenKillMs;
  const isHard = isLate || (run.killRequestedAt !== null && (run.killSentAt ?? '') < run.killRequestedAt);
  const isSoft = run.stopRequestedAt !== null && run.killSentAt === null;
  if (!isHard && !isSoft) return {};
  const outcome = await submitter.kill(run.submissionId as string, isHard, signal);
  return outcome.outcome === 'unreachable' ? {} : { killSentAt: now.toISOString() };
}

async function readEvents(run: Run, logAddress: string | null, submitter: Submitter, signal: AbortSignal) {
  let progress: Progress = run.progress;
  if (logAddress === null) return { progress, isLogComplete: false };
  for (let count = 0; count < chunksPerStep; count++) {
    const offset = progress.logOffset;
    const chunk = await submitter.readLog(logAddress, run.submissionId as string, 'stdout', offset, signal);
    if (!chunk.isAvailable) return { progress, isLogComplete: false };
    const { lines, nextOffset } = completeLines(chunk.bytes, offset);
    progress = { ...advance(progress, lines, run.runId), logOffset: nextOffset };
    if (chunk.nextOffset >= chunk.totalBytes || lines.length === 0) return { progress, isLogComplete: true };
  }
  return { progress, isLogComplete: false };
}

function stateOf(run: Run, status: DriverStatus): Run['driverState'] {
  return status.isKnown ? status.driverState : run.driverState;
}

/** The master does not answer or does not know the driver, or its worker is lost: who else has seen it? */
async function withoutSpark(
  run: Run,
  seen: Run,
  status: DriverStatus,
  isLogComplete: boolean,
  services: RunServices,
  signal: AbortSignal,
): Promise<Step> {
  const why = status.isKnown ? `Spark says ${status.driverState.toUpperCase()}` : status.detail;
  const isHeard = seen.progress.logOffset > run.progress.logOffset;
  const presence = await services
    .submitter(run.submitter)
    .presence(run.submissionId as string, seen.logAddress, signal);
  if (isHeard || presence.verdict === 'present') {
    const notice = `${why}; the driver goes on (${presence.evidence}).`;
    return goOn(run, { ...seen, notice, unreachableSince: null, driverEndedAt: null });
  }
  if (presence.verdict === 'absent') {
    return await afterEnd({ ...seen, driverState: null }, status, isLogComplete, services, signal);
  }
  const since = run.unreachableSince ?? services.now().toISOString();
  const silentMs = services.now().getTime() - Date.parse(since);
  const evidence = `${why}; ${presence.evidence}; for ${Math.round(silentMs / 1000)} s`;
  if (silentMs > services.workerTimeoutMs) {
    const { outcome, ...step } = await concluded(seen, services, { isLogComplete: false }, signal);
    return { ...step, outcome: outcome ?? lost(evidence), delayMs: 0 };
  }
  return goOn(run, { ...seen, notice: `${why}; ${presence.evidence}. Asking again.`, unreachableSince: since });
}

/** A driver that has not committed for a while may be waiting for cores: Spark calls that RUNNING too. */
async function startsSlowly(run: Run, submitter: Submitter, signal: AbortSignal): Promise<string | null> {
  const hasCommitted = run.progress.commits > run.commitsBefore;
  if (hasCommitted || run.calmSteps < 4) return null;
  if (run.calmSteps % 3 !== 0) return run.notice?.startsWith('WAITING') === true ? run.notice : null;
  const name = run.attempt === 1 ? run.spec.name : `${run.spec.name}-${run.attempt}`;
  return await submitter.waitingFor({ name }, run.submissionId as string, signal);
}

/** The driver goes on for longer than any end takes. One that nobody could be asked to end is not called ended. */
async function endOverdue(seen: Run, services: RunServices, signal: AbortSignal): Promise<Step> {
  if (seen.killSentAt !== null) return await concluded(seen, services, { isLogComplete: true }, signal);
  const { outcome, ...step } = await concluded(seen, services, { isLogComplete: false, needsWord: true }, signal);
  if (outcome !== undefined) return { ...step, outcome, delayMs: 0 };
  const submissionId = seen.submissionId as string;
  const evidence = 'Spark did not take the request to end it; asking goes on for a while';
  const changes = { ...step.changes, ...withStray(seen, submissionId, seen.submitter) };
  return { changes, outcome: lost(evidence), finding: { evidence: `${submissionId}: ${evidence}` }, delayMs: 0 };
}

/** Writes down what is new and looks again: soon while things happen, later while nothing does. */
function goOn(before: Run, seen: Run): Step {
  const isCalm =
    before.driverState === seen.driverState &&
    before.progress.logOffset === seen.progress.logOffset &&
    before.killSentAt === seen.killSentAt;
  const calmSteps = isCalm ? before.calmSteps + 1 : 0;
  const { notice, unreachableSince, driverEndedAt } = seen;
  const changes = { ...pick(seen), notice, unreachableSince, driverEndedAt, calmSteps };
  return { changes, delayMs: delayMs(pollBackoff, calmSteps) };
}
