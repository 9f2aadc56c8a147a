/** After a crash or a lost answer a driver may exist: it is found, or it is certain that there is none, or the attempt is lost. */
import type { Submitter } from '../spark/submitter.js';
import { askTable, overtaker, releasedState } from './driver-end.js';
import { isEndOverdue } from './end-request.js';
import { decideOutcome, type Evidence, lost } from './outcome.js';
import { catchUp } from './progress.js';
import { attemptClaim, attemptSpec, type Run } from './run.js';
import type { RunServices, Step } from './run-services.js';
import type { TableFacts } from './stage.js';

/** How long to wait for the table's word, once no request can arrive any more, before relying on the master's alone. */
const askTableForMs = 15_000;

/**
 * Looks for the driver on the master, by name and by launch command, and in the table, by its claim. Only when it is nowhere, and cannot
 * arrive any more, another one may be submitted; when nobody can tell for the worker timeout, the attempt is lost.
 */
export async function adoptDriver(
  run: Run,
  submitter: Submitter,
  services: RunServices,
  signal: AbortSignal,
): Promise<Step> {
  const found = await submitter.find(attemptSpec(run), run.prepared ?? [], signal);
  if (found.outcome === 'found') {
    services.logger.info({ runId: run.runId, submissionId: found.submissionId }, 'adopted the driver of this run');
    const finding = { what: 'adopted', evidence: found.evidence };
    return { changes: running(found.submissionId), finding, delayMs: 0 };
  }
  const sinceTryMs = services.now().getTime() - Date.parse(run.submitTriedAt as string);
  const mayArrive = sinceTryMs < submitter.requestMayArriveMs;
  if (found.outcome === 'uncertain') return await withoutClarity(run, found.detail, mayArrive, services, signal);
  if (mayArrive) {
    const notice = 'No driver of this run so far; making sure that none arrives late.';
    return { changes: { notice, unreachableSince: null }, delayMs: 500 };
  }
  return await withoutDriver(run, services, sinceTryMs < submitter.requestMayArriveMs + askTableForMs, signal);
}

/** What a run is once its driver is known. */
export function running(submissionId: string): Partial<Run> {
  return {
    state: 'running',
    submissionId,
    driverState: 'submitted',
    notice: null,
    unreachableSince: null,
    calmSteps: 0,
  };
}

/** Somebody who has to be asked does not answer, or a driver cannot be told apart: for the worker timeout, or until an end is overdue. */
async function withoutClarity(
  run: Run,
  detail: string,
  mayArrive: boolean,
  services: RunServices,
  signal: AbortSignal,
): Promise<Step> {
  const now = services.now();
  const since = run.unreachableSince ?? now.toISOString();
  const silentMs = now.getTime() - Date.parse(since);
  const isOver = silentMs > services.workerTimeoutMs || (isEndOverdue(run, now) && !mayArrive);
  if (!isOver) {
    const notice = `Looking for this run's driver: ${detail}.`;
    return { changes: { notice, unreachableSince: since }, delayMs: 1_000 };
  }
  const facts = await askTable(run, services, signal);
  const evidence = `${detail}; for ${Math.round(silentMs / 1000)} s`;
  const outcome = decideOutcome(tableEvidence(run, facts, evidence), true) ?? lost(evidence);
  return { ...counted(run, facts), outcome, finding: { evidence: withTable(run, facts, evidence) }, delayMs: 0 };
}

/** No Spark master knows a driver of this attempt. */
async function withoutDriver(run: Run, services: RunServices, isPatient: boolean, signal: AbortSignal): Promise<Step> {
  const facts = await askTable(run, services, signal);
  if (facts === 'unknown' && isPatient) {
    const notice = `Asking ${run.table}, which does not answer, for this run's claim.`;
    return { changes: { notice, unreachableSince: null }, delayMs: 2_000 };
  }
  if (facts !== 'unknown' && facts.claims.includes(attemptClaim(run))) {
    const evidence = `its claim is in ${run.table}, but no Spark master knows it`;
    const outcome = decideOutcome(tableEvidence(run, facts, evidence), false);
    const finding = { evidence: withTable(run, facts, evidence) };
    return { ...counted(run, facts), ...(outcome && { outcome }), finding, delayMs: 0 };
  }
  const tableSays = facts === 'unknown' ? `${run.table} cannot be asked` : `${run.table} has no claim of it`;
  const finding = { what: 'no driver', evidence: `no Spark master has a driver of this attempt; ${tableSays}` };
  return { changes: { submitTriedAt: null, notice: null, unreachableSince: null }, finding, delayMs: 0 };
}

function tableEvidence(run: Run, facts: TableFacts | 'unknown', lastWords: string): Evidence {
  return {
    end: null,
    isLogComplete: false,
    isSilenced: false,
    released: facts === 'unknown' ? 'unknown' : releasedState(run, facts),
    overtakenBy: facts === 'unknown' ? null : overtaker(run, facts),
    driverState: null,
    isStopRequested: run.stopRequestedAt !== null,
    isKillRequested: run.killRequestedAt !== null,
    lastWords,
  };
}

function withTable(run: Run, facts: TableFacts | 'unknown', evidence: string): string {
  if (facts === 'unknown') return `${evidence}; ${run.table} cannot be asked`;
  return `${evidence}; elt.released: ${releasedState(run, facts) ?? 'nothing'}; newest claim: ${facts.claims[0] ?? 'none'}`;
}

/** What the table has of this run counts, whoever told of it. */
function counted(run: Run, facts: TableFacts | 'unknown'): Pick<Step, 'changes'> {
  return facts === 'unknown' ? {} : { changes: { progress: catchUp(run.progress, facts.commits, run.runId) } };
}
