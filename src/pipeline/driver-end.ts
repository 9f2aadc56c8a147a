/** How a driver ended: everything that is known of it, put together. */
import type { DriverStatus } from '../spark/driver-state.js';
import { lastWordsOf } from './driver-last-words.js';
import { decideOutcome, type Evidence, evidenceText } from './outcome.js';
import { catchUp } from './progress.js';
import { attemptClaim, type Run } from './run.js';
import type { RunServices, Step } from './run-services.js';
import type { TableFacts } from './stage.js';
import { stopOutcome, stopOutcomeText } from './stop-outcome.js';

/** Spark's worker copies a driver's output to its files in the background: the last lines may come after the driver's end. */
const lastLinesMayComeMs = 2_000;

/** How long to wait for the word of a table that cannot be asked now, after a stop. */
const silencePatienceMs = 15_000;

/** Spark says that the driver has ended, and no last word has come so far. */
export async function afterEnd(
  seen: Run,
  status: DriverStatus,
  isLogComplete: boolean,
  services: RunServices,
  signal: AbortSignal,
): Promise<Step> {
  const now = services.now();
  const driverEndedAt = seen.driverEndedAt ?? now.toISOString();
  const ended = { ...seen, driverEndedAt };
  const neverStarted = status.isKnown && status.workerId === null && seen.logAddress === null;
  if (neverStarted) return await concluded(ended, services, { isLogComplete: true, isMute: true }, signal);
  const sinceMs = now.getTime() - Date.parse(driverEndedAt);
  if (isLogComplete && seen.killSentAt === null && sinceMs < lastLinesMayComeMs) {
    return { changes: { ...pick(seen), driverEndedAt }, delayMs: 200 };
  }
  return await concluded(ended, services, { isLogComplete, isSilenced: seen.killSentAt !== null }, signal);
}

export interface Hearing {
  /** Whether stdout could be read to its end. */
  readonly isLogComplete: boolean;
  /** Whether the driver may have gone on without stdout: Spark closes it before it asks a driver to end. */
  readonly isSilenced?: boolean;
  /** The driver never ran: nobody can tell anything. */
  readonly isMute?: boolean;
  /** Nothing is concluded from silence: only the driver's word or the table's counts. */
  readonly needsWord?: boolean;
}

/** Puts everything together that is known of a driver which has ended, or has to be taken for ended. */
export async function concluded(
  seen: Run,
  services: RunServices,
  { isLogComplete, isSilenced: isSilent = false, isMute = false, needsWord = false }: Hearing,
  signal: AbortSignal,
): Promise<Step> {
  const isHeard = seen.progress.end !== null || isMute;
  const facts = isHeard ? noFacts : await askTable(seen, services, signal);
  const released = facts === 'unknown' ? 'unknown' : releasedState(seen, facts);
  const overtakenBy = facts === 'unknown' ? null : overtaker(seen, facts);
  const lastWords = isHeard ? null : await lastWordsOf(seen, services.submitter(seen.submitter), signal);
  const since = seen.driverEndedAt ?? services.now().toISOString();
  const patienceMs = isSilent ? silencePatienceMs : services.workerTimeoutMs;
  const isPatient = services.now().getTime() - Date.parse(since) < patienceMs && seen.killRequestedAt === null;
  const evidence = { ...evidenceOf(seen), isLogComplete, isSilenced: isSilent, released, overtakenBy, lastWords };
  const outcome = decideOutcome(evidence, isPatient || needsWord);
  const progress = isHeard || facts === 'unknown' ? seen.progress : catchUp(seen.progress, facts.commits, seen.runId);
  const changes = { ...pick(seen), progress, driverEndedAt: since };
  if (outcome !== undefined) return { ...ending(seen, changes, evidence, services), outcome, delayMs: 0 };
  const notice = 'The driver has ended; asking its log and its table how.';
  return { changes: { ...changes, notice }, delayMs: 1_000 };
}

/** What to write down, and in the log also whether a stop was graceful. */
function ending(
  seen: Run,
  changes: Partial<Run>,
  evidence: Evidence,
  { now }: RunServices,
): Pick<Step, 'changes' | 'finding'> {
  const stop = stopOutcome(evidence);
  const after: Run = { ...seen, ...changes, stopOutcome: stop, state: 'stopped', endedAt: now().toISOString() };
  const how = stop === null ? null : stopOutcomeText(after);
  const said = evidenceText(evidence);
  return {
    changes: { ...changes, stopOutcome: stop },
    finding: { evidence: how === null ? said : `${how}; ${said}` },
  };
}

function evidenceOf(run: Run) {
  return {
    end: run.progress.end,
    driverState: run.driverState,
    isStopRequested: run.stopRequestedAt !== null,
    isKillRequested: run.killRequestedAt !== null,
  };
}

const noFacts: TableFacts = { claims: [], released: null, commits: [] };

export async function askTable(run: Run, services: RunServices, signal: AbortSignal): Promise<TableFacts | 'unknown'> {
  try {
    return await services.stage(run.stage).tableFacts(run, signal);
  } catch {
    signal.throwIfAborted();
    return 'unknown';
  }
}

/** How this attempt ended, as the table says; another attempt's word is not taken for it. */
export function releasedState(run: Run, { released }: TableFacts): string | null {
  return released?.claim === attemptClaim(run) ? released.state : null;
}

/** Whose claim is newer than this attempt's; null for nobody, and where it is not known that this attempt ever claimed the table. */
export function overtaker(run: Run, { claims }: TableFacts): string | null {
  const [newest] = claims;
  const hasClaimed = claims.includes(attemptClaim(run)) || run.progress.commits > run.commitsBefore;
  return newest !== undefined && newest !== attemptClaim(run) && hasClaimed ? newest : null;
}

/** What a look at a driver changes in its run. */
export function pick(run: Run): Partial<Run> {
  const { driverState, logAddress, progress, killSentAt } = run;
  return { driverState, logAddress, progress, killSentAt };
}
