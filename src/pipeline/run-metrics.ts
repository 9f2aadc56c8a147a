/** What the saved transitions of a run say to those who watch. */
import type { Metrics } from '../commons/metrics.js';
import { isFinal, type Run, type Verified } from './run.js';
import type { Step } from './run-services.js';

/** Called after a step was saved. `before` is what the step started from. */
export function measureStep(before: Run, after: Run, { outcome, checks = [] }: Step, metrics: Metrics): void {
  const { pipeline, stage } = after;
  if (outcome !== undefined) metrics.count('elt_attempts_total', 1, { pipeline, stage, state: outcome.state });
  if (!isFinal(before.state) && isFinal(after.state)) {
    metrics.count('elt_runs_total', 1, { pipeline, stage, state: after.state });
    const seconds = secondsBetween(after.startedAt, after.endedAt);
    if (seconds !== null)
      metrics.distribution('elt_run_duration_seconds', seconds, { pipeline, stage, state: after.state });
  }
  if (before.progress.driverStartedAt === null && after.attempt === 1) {
    const seconds = secondsBetween(after.requestedAt, after.progress.driverStartedAt);
    if (seconds !== null) metrics.distribution('elt_run_startup_seconds', seconds, { pipeline, stage });
  }
  if (before.verified === null && after.verified !== null) {
    metrics.count('elt_verifications_total', 1, { pipeline, stage, verdict: verdictOf(after.verified) });
    for (const { verdict } of checks) metrics.count('elt_checks_total', 1, { pipeline, stage, verdict });
  }
}

function verdictOf(verified: Exclude<Verified, null>): string {
  if (verified === 'unknown') return 'unknown';
  return verified ? 'pass' : 'fail';
}

function secondsBetween(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
}
