/** How a run ended: decided from everything that is known, never from Spark's FAILED alone. Pure. */
import type { DriverState } from '../spark/driver-state.js';
import type { DriverEnd } from './progress.js';
import type { RunError, RunState } from './run.js';

export interface Evidence {
  /** The driver's last word on stdout. */
  readonly end: DriverEnd | null;
  /** Whether stdout could be read to its end. */
  readonly isLogComplete: boolean;
  /** Whether Spark closed stdout before the driver's end, as it does when it is asked to kill: then only the table can tell. */
  readonly isSilenced: boolean;
  /** The table's `elt.released` if it names this attempt; `unknown` when the table cannot be asked. */
  readonly released: string | null | 'unknown';
  /** Who claimed the table after this attempt did; null for nobody, as far as is known. */
  readonly overtakenBy: string | null;
  /** Spark's last word; null when nobody has the driver any more. */
  readonly driverState: DriverState | null;
  readonly isStopRequested: boolean;
  readonly isKillRequested: boolean;
  /** The last telling line of the driver's stderr. */
  readonly lastWords: string | null;
}

export interface Outcome {
  readonly state: RunState;
  readonly error: RunError | null;
}

/** The evidence in words, for the run's log. */
export function evidenceText(evidence: Evidence): string {
  const { end, driverState, released, overtakenBy, isLogComplete, isSilenced, lastWords } = evidence;
  const log = isLogComplete ? 'stdout read to its end' : isSilenced ? 'stdout closed by Spark' : 'stdout not readable';
  const table = released === 'unknown' ? 'the table could not be asked' : `elt.released: ${released ?? 'nothing'}`;
  return [
    driverState === null ? 'nobody has the driver' : `Spark says ${driverState.toUpperCase()}`,
    end === null ? `${log} without a last word` : `the driver's last word: ${end.state}`,
    ...(end === null ? [table] : []),
    ...(overtakenBy === null ? [] : [`the table was claimed by ${overtakenBy} since`]),
    ...(lastWords === null ? [] : [`stderr: ${lastWords}`]),
  ].join('; ');
}

/** Undefined: not certain yet, ask again. `isPatient` is false once asking again has gone on for long enough. */
export function decideOutcome(evidence: Evidence, isPatient: boolean): Outcome | undefined {
  const { end, released, overtakenBy } = evidence;
  if (end !== null) return { state: end.state, error: end.error };
  const said = releasedOutcome(released);
  if (said !== undefined) return said;
  if (overtakenBy !== null) return fencedBy(overtakenBy);
  if (isPatient && somebodyMayTell(evidence)) return undefined;
  return withoutWord(evidence);
}

/** A log that was read to its end says enough, unless the driver was cut off from it. A table that could not be asked may say more. */
function somebodyMayTell({ isLogComplete, isSilenced, released, driverState }: Evidence): boolean {
  const isLogAwaited = !isLogComplete && !isSilenced;
  const isTableAwaited = released === 'unknown' && (isSilenced || driverState === 'finished');
  return isLogAwaited || isTableAwaited;
}

function releasedOutcome(released: string | null): Outcome | undefined {
  if (released === 'succeeded' || released === 'stopped') return { state: released, error: null };
  if (released !== 'failed' && released !== 'fenced') return undefined;
  const message = `The table says that this run ended ${released}; the driver's own message could not be read.`;
  return { state: released, error: { code: 'driver-log-unreadable', message } };
}

/** A new attempt would take the table back from whoever has it now. */
function fencedBy(claim: string): Outcome {
  const message = `Run ${claim} has claimed the table since; what this run had committed stays. The driver's own message could not be read.`;
  return { state: 'fenced', error: { code: 'fenced', message } };
}

/** The driver ended without a last word on stdout or in the table. */
function withoutWord(evidence: Evidence): Outcome {
  const { driverState, isKillRequested, isStopRequested, isLogComplete, lastWords } = evidence;
  if (isKillRequested) {
    return failed(
      'killed',
      'The run was killed by elt kill. What it had committed stays; the next run goes on from there.',
    );
  }
  if (isStopRequested) return { state: 'stopped', error: null };
  const seen = lastWords === null ? '' : ` Its last words: ${lastWords}`;
  switch (driverState) {
    case 'finished':
      // Exit code 0 is succeeded or stopped, and only a driver that was asked to stop is cut off from its stdout.
      return { state: isLogComplete ? 'stopped' : 'succeeded', error: null };
    case 'killed':
      return failed('driver-killed', `The driver was killed by somebody else than elt.${seen}`);
    case 'error':
      return lost('the Spark worker of the driver was lost');
    case null:
      if (!isLogComplete) return untold();
      return failed('driver-gone', `The driver is gone and left no word.${seen}`);
    default:
      return failed(
        'driver-died',
        `The driver died without a word (Spark says ${driverState.toUpperCase()}). What it had committed stays.${seen}`,
      );
  }
}

function failed(code: string, message: string): Outcome {
  return { state: 'failed', error: { code, message } };
}

/** It may have done all that it was to do: that it failed cannot be said. */
function untold(): Outcome {
  const message =
    'The driver is gone; its output cannot be read and the table has no word of it. The next run goes on from what is committed.';
  return { state: 'lost', error: { code: 'driver-lost', message } };
}

/** Nobody can say whether the driver lives. A new run may claim the table: should the driver live, it will be fenced. */
export function lost(evidence: string): Outcome {
  const message = `Nobody can say whether the driver lives: ${evidence}. Another run may start; should this driver live, it will be fenced.`;
  return { state: 'lost', error: { code: 'driver-lost', message } };
}

/** Errors that the next attempt would meet again: somebody has to decide or correct something first. */
const needsSomebody: ReadonlySet<string> = new Set([
  'invalid-spec',
  'topic-missing',
  'topic-recreated',
  'retention-overtook',
  'fewer-partitions',
  'offset-gap',
  'ledger-rolled-back',
  'table-replaced',
  'rows-without-position',
  'silver-ahead-of-raw',
  'schema-mismatch',
  'sql-not-a-projection',
  'sql-invalid',
  'table-owned-by-other-pipeline',
  'submission-refused',
  'spec-refused',
  'killed',
]);

/** Whether a follow run goes on with a new attempt after this outcome. */
export function deservesNewAttempt({ state, error }: Outcome): boolean {
  return (state === 'failed' || state === 'lost') && !needsSomebody.has(error?.code ?? '');
}
