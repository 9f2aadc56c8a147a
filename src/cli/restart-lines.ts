/** What `elt run --restart` replaced. Pure. */
import { formatPosition, type Position } from '../commons/position.js';
import type { Run } from '../pipeline/run.js';
import { stopOutcomeText } from '../pipeline/stop-outcome.js';

/** Beside the report of the new run. */
export function restartReport(old: Run, fresh: Run) {
  return {
    runId: old.runId,
    state: old.state,
    how: stopOutcomeText(old),
    resumedPosition: resumedPosition(old, fresh),
  };
}

export function restartLine(old: Run, fresh: Run): string {
  const position = resumedPosition(old, fresh);
  const from = position === null ? `the position of ${fresh.table}` : formatPosition(position);
  return `  restarted ${old.runId} (${stopOutcomeText(old) ?? old.state}) as ${fresh.runId}, which resumes at ${from}`;
}

/** What the new driver said; before its first commit where the old run ended; null when neither committed. */
function resumedPosition(old: Run, fresh: Run): Position | null {
  return fresh.progress.startPosition ?? old.progress.endPosition;
}
