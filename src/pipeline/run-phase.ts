/** What a run is doing, finer than its state, and how quickly. Pure. */
import { isFinal, type Run } from './run.js';

/** For people: the state, or what the run does within it. */
export function phase(run: Run): string {
  if (isFinal(run.state) && run.verified === null) return `${run.state}, verifying`;
  if (run.state !== 'running') return run.state;
  if (run.progress.end !== null) return 'ending';
  if (run.stopRequestedAt !== null || run.killRequestedAt !== null) return 'stopping';
  if (run.progress.waiting !== null) return 'waiting';
  return run.progress.driverStartedAt === null ? 'starting' : 'running';
}

/** Average since the driver was up; null before its first commit. */
export function rowsPerSecond({ progress }: Run): number | null {
  const { rows, driverStartedAt, lastCommitAt } = progress;
  if (!rows || driverStartedAt === null || lastCommitAt === null) return null;
  const ms = Date.parse(lastCommitAt) - Date.parse(driverStartedAt);
  return ms > 0 ? (rows * 1000) / ms : null;
}
