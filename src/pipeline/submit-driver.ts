/** From the intent to a driver: never two for one attempt. */
import { failpoint } from '../commons/failpoint.js';
import { delayMs, outageBackoff } from '../commons/retry.js';
import type { Submitter } from '../spark/submitter.js';
import { decideOutcome } from './outcome.js';
import { catchUp } from './progress.js';
import { attemptClaim, attemptSpec, type Run } from './run.js';
import type { RunServices, Step } from './run-services.js';

/** How long a create request that nobody answered may still make a driver. */
const requestMayArriveMs = 10_000;
/** How long to wait for the table's word before relying on the master's alone. */
const askTableForMs = 25_000;
/** A drain run does not wait longer for a Spark master; a follow run waits for ever. */
const giveUpAfterMs = 600_000;

/** Submits the driver, or finds the one that an interrupted step submitted. */
export async function submitDriver(run: Run, services: RunServices, signal: AbortSignal): Promise<Step> {
  const submitter = services.submitter(run.submitter);
  if (run.submitTriedAt !== null) return await adopt(run, submitter, services, signal);
  if (!(await services.store.maySubmit(run))) {
    return { changes: { notice: `Another ${run.stage} run is just being submitted.` }, delayMs: 300 };
  }
  return await create(run, submitter, services, signal);
}

async function create(run: Run, submitter: Submitter, services: RunServices, signal: AbortSignal): Promise<Step> {
  const { store, now } = services;
  let isOurs = false;
  const announce = (current: Run) => {
    isOurs = isSameAttempt(current, run) && current.submitTriedAt === null;
    return isOurs ? { submitTriedAt: now().toISOString() } : null;
  };
  const tried = await store.change(run.runId, announce, undefined, true);
  // Somebody else is at it: the next step will see how far they came.
  if (tried === null || !isOurs) return { delayMs: 100 };

  await failpoint('submit-before-create');
  const outcome = await submitter.create(attemptSpec(run), signal);
  await failpoint('submit-after-create');
  if (outcome.outcome === 'created') return await remember(run, outcome.submissionId, submitter, services);
  if (outcome.outcome === 'uncertain') {
    const notice = `Not clear whether the driver was made (${outcome.detail}); looking for it.`;
    return {
      basedOn: tried,
      changes: { notice },
      finding: { what: 'create unanswered', evidence: outcome.detail },
      delayMs: 500,
    };
  }
  if (!outcome.isPermanent && !isTooLate(run, services)) {
    const notice = `The Spark master cannot be reached or takes no driver (${outcome.detail}); trying again.`;
    const changes = { submitTriedAt: null, notice, calmSteps: run.calmSteps + 1 };
    const finding = { what: 'create refused', evidence: outcome.detail };
    return { basedOn: tried, changes, finding, delayMs: delayMs(outageBackoff, run.calmSteps) };
  }
  const error = {
    code: outcome.isPermanent ? 'submission-refused' : 'unreachable',
    message: `Spark did not take the submission: ${outcome.detail}`,
  };
  return { basedOn: tried, outcome: { state: 'failed', error }, delayMs: 0 };
}

/**
 * After a crash or a lost answer: the driver may exist. It is looked for on the master, by name and by launch command, and in the
 * table, by its claim; only when it is nowhere, and cannot arrive any more, another one is submitted.
 */
async function adopt(run: Run, submitter: Submitter, services: RunServices, signal: AbortSignal): Promise<Step> {
  const found = await submitter.find(attemptSpec(run), run.prepared ?? [], signal);
  if (found.outcome === 'found') {
    services.logger.info({ runId: run.runId, submissionId: found.submissionId }, 'adopted the driver of this run');
    const finding = { what: 'adopted', evidence: found.evidence };
    return { changes: running(found.submissionId), finding, delayMs: 0 };
  }
  if (found.outcome === 'uncertain') {
    return { changes: { notice: `Looking for this run's driver: ${found.detail}.` }, delayMs: 1_000 };
  }
  const sinceTryMs = services.now().getTime() - Date.parse(run.submitTriedAt as string);
  if (sinceTryMs < requestMayArriveMs) {
    return { changes: { notice: 'No driver of this run so far; making sure that none arrives late.' }, delayMs: 500 };
  }
  return await withoutDriver(run, services, sinceTryMs < askTableForMs, signal);
}

async function withoutDriver(run: Run, services: RunServices, isPatient: boolean, signal: AbortSignal): Promise<Step> {
  let tableSays = `${run.table} has no claim of it`;
  try {
    const { claim, released, commits } = await services.stage(run.stage).tableFacts(run, signal);
    if (claim === attemptClaim(run)) {
      const lastWords = `its claim is in ${run.table}, but no Spark master knows it`;
      const outcome = decideOutcome(
        {
          end: null,
          isLogComplete: false,
          isSilenced: false,
          released: released?.runId === run.runId ? released.state : null,
          driverState: null,
          isStopRequested: run.stopRequestedAt !== null,
          isKillRequested: run.killRequestedAt !== null,
          lastWords,
        },
        false,
      );
      return {
        changes: { progress: catchUp(run.progress, commits, run.runId) },
        ...(outcome && { outcome }),
        finding: {
          evidence: `${lastWords}; elt.released: ${released?.runId === run.runId ? released.state : 'nothing'}`,
        },
        delayMs: 0,
      };
    }
  } catch (error) {
    signal.throwIfAborted();
    if (isPatient) {
      return {
        changes: { notice: `Asking ${run.table} for this run's claim: ${(error as Error).message}` },
        delayMs: 2_000,
      };
    }
    tableSays = `${run.table} cannot be asked (${(error as Error).message})`;
  }
  const finding = { what: 'no driver', evidence: `no Spark master has a driver of this attempt; ${tableSays}` };
  return { changes: { submitTriedAt: null, notice: null }, finding, delayMs: 0 };
}

/** Stores the submission id whatever else is written meanwhile. Should another worker have been quicker, this driver is one too many. */
async function remember(run: Run, submissionId: string, submitter: Submitter, services: RunServices): Promise<Step> {
  const stored = await services.store.change(
    run.runId,
    (current) => (isSameAttempt(current, run) && current.submissionId === null ? running(submissionId) : null),
    { evidence: 'the create request was answered' },
  );
  if (stored === null) return await withoutRecord(run, submissionId, submitter, services);
  if (stored.run.submissionId !== submissionId) {
    services.logger.warn({ runId: run.runId, submissionId }, 'stopping a second driver of this run');
    await submitter.kill(submissionId, true);
  }
  return { basedOn: stored, delayMs: 0 };
}

/** Redis was emptied while the request was on its way: the run is written again, unless another one has begun since. */
async function withoutRecord(
  run: Run,
  submissionId: string,
  submitter: Submitter,
  { store }: RunServices,
): Promise<Step> {
  const active = await store.active(run.stage, run.pipeline);
  if (active !== null && active.runId !== run.runId) await submitter.kill(submissionId, true);
  const evidence = `${submissionId}; Redis lost the record while the create request was on its way`;
  if (active === null) await store.import({ ...run, ...running(submissionId) }, true, { what: 'submitted', evidence });
  return { delayMs: 0 };
}

function running(submissionId: string): Partial<Run> {
  return { state: 'running', submissionId, driverState: 'submitted', notice: null, calmSteps: 0 };
}

function isSameAttempt(current: Run, run: Run): boolean {
  return current.attempt === run.attempt && current.state === 'submitting';
}

function isTooLate(run: Run, { now }: RunServices): boolean {
  return run.mode === 'drain' && now().getTime() - Date.parse(run.startedAt ?? run.requestedAt) > giveUpAfterMs;
}
