/** Whether a run that was asked to end did so by itself. Pure. */
import type { Evidence } from './outcome.js';
import { isFinal, type Run } from './run.js';

/** `gracefully`: the driver finished or left out the batch in hand and said so. `killed`: it did not within its time. */
export type StopOutcome = 'gracefully' | 'killed';

/** Null for a run that nobody asked to end. */
export function stopOutcome(evidence: Evidence): StopOutcome | null {
  const { end, released, driverState, isStopRequested, isKillRequested } = evidence;
  if (!isStopRequested && !isKillRequested) return null;
  const hasWord = end !== null || (released !== null && released !== 'unknown');
  // Exit code 0 after SIGTERM: the driver came to its end, and only its words were lost.
  return hasWord || driverState === 'finished' ? 'gracefully' : 'killed';
}

/** `stopped gracefully after 3 s`, `killed after 61 s`; null for runs that are not over or that nobody asked to end. */
export function stopOutcomeText(run: Run): string | null {
  const askedAt = run.stopRequestedAt ?? run.killRequestedAt;
  if (!isFinal(run.state) || askedAt === null) return null;
  if (run.submissionId === null) return 'stopped before a driver was submitted';
  if (run.stopOutcome === undefined || run.stopOutcome === null) return null;
  const seconds = secondsBetween(askedAt, run.driverEndedAt ?? run.endedAt);
  return run.stopOutcome === 'gracefully' ? `stopped gracefully after ${seconds} s` : `killed after ${seconds} s`;
}

function secondsBetween(from: string, to: string | null): number {
  return Math.max(0, Math.round((Date.parse(to ?? from) - Date.parse(from)) / 1_000));
}
