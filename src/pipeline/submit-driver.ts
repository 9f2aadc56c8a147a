/** From the intent to a driver: never two for one attempt. */
import { failpoint } from '../commons/failpoint.js';
import { delayMs, outageBackoff } from '../commons/retry.js';
import type { Submitter } from '../spark/submitter.js';
import { adoptDriver, running } from './adopt-driver.js';
import { attemptSpec, type Run } from './run.js';
import type { RunServices, Step } from './run-services.js';
import { withStray } from './stray-drivers.js';

/**
 * How old the announcement may be when the request is sent. Others look for the driver from the announcement on, and after
 * `requestMayArriveMs` they make another one.
 */
const announcementHoldsMs = 3_000;
/** A drain run does not wait longer for a Spark master; a follow run waits for ever. */
const giveUpAfterMs = 600_000;

/** Submits the driver, or finds the one that an interrupted step submitted. */
export async function submitDriver(run: Run, services: RunServices, signal: AbortSignal): Promise<Step> {
  const submitter = services.submitter(run.submitter);
  if (run.submitTriedAt !== null) return await adoptDriver(run, submitter, services, signal);
  if (!(await services.store.maySubmit(run))) {
    return { changes: { notice: `Another ${run.stage} run is just being submitted.` }, delayMs: 300 };
  }
  return await create(run, submitter, services, signal);
}

async function create(run: Run, submitter: Submitter, services: RunServices, signal: AbortSignal): Promise<Step> {
  const announcement = await announce(run, services);
  // Somebody else is at it: the next step will see how far they came.
  if (announcement === null) return { delayMs: 100 };
  const { tried, isInTime } = announcement;

  await failpoint('submit-before-create');
  const outcome = await submitter.create(attemptSpec(run), signal, isInTime);
  await failpoint('submit-after-create');
  if (outcome.outcome === 'created') return await remember(run, outcome.submissionId, services);
  if (outcome.outcome === 'uncertain') {
    const notice = `Not clear whether the driver was made (${outcome.detail}); looking for it.`;
    return {
      basedOn: tried,
      // It was given up just now and may be on its way for as long as any other.
      changes: { notice, submitTriedAt: services.now().toISOString() },
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

/** From now on a driver of this attempt may exist. By two clocks: one that nobody sets, and one that goes on while the machine sleeps. */
async function announce(run: Run, { store, now }: RunServices) {
  let isOurs = false;
  let startMs = 0;
  let startedAt = now();
  const change = (current: Run) => {
    isOurs = isSameAttempt(current, run) && current.submitTriedAt === null;
    startMs = performance.now();
    startedAt = now();
    return isOurs ? { submitTriedAt: startedAt.toISOString() } : null;
  };
  const tried = await store.change(run.runId, change, undefined, true);
  if (tried === null || !isOurs) return null;
  const elapsedMs = () => Math.max(performance.now() - startMs, now().getTime() - startedAt.getTime());
  return { tried, isInTime: () => elapsedMs() < announcementHoldsMs };
}

/** Stores the submission id whatever else is written meanwhile. Should another worker have been quicker, this driver is one too many. */
async function remember(run: Run, submissionId: string, services: RunServices): Promise<Step> {
  const stored = await services.store.change(
    run.runId,
    (current) => (isSameAttempt(current, run) && current.submissionId === null ? running(submissionId) : null),
    { evidence: 'the create request was answered' },
  );
  if (stored === null) return await withoutRecord(run, submissionId, services);
  if (stored.run.submissionId !== submissionId) {
    services.logger.warn({ runId: run.runId, submissionId }, 'ending a second driver of this run');
    await noteStray(run.runId, run, submissionId, services);
    return { delayMs: 0 };
  }
  return { basedOn: stored, delayMs: 0 };
}

/** Redis was emptied while the request was on its way: the run is written again, unless another one has begun since. */
async function withoutRecord(run: Run, submissionId: string, services: RunServices): Promise<Step> {
  const { store } = services;
  const active = await store.active(run.stage, run.pipeline);
  if (active !== null && active.runId !== run.runId) await noteStray(active.runId, run, submissionId, services);
  const evidence = `${submissionId}; Redis lost the record while the create request was on its way`;
  if (active === null) await store.import({ ...run, ...running(submissionId) }, true, { what: 'submitted', evidence });
  return { delayMs: 0 };
}

/** The steps of the run that is there (`keeper`) end this driver. */
async function noteStray(keeper: string, { runId, submitter }: Run, submissionId: string, { store }: RunServices) {
  const evidence = `${submissionId} was made for ${runId}, which has another one`;
  const change = (current: Run) => withStray(current, submissionId, submitter);
  await store.change(keeper, change, { what: 'second driver', evidence });
}

function isSameAttempt(current: Run, run: Run): boolean {
  return current.attempt === run.attempt && current.state === 'submitting';
}

function isTooLate(run: Run, { now }: RunServices): boolean {
  return run.mode === 'drain' && now().getTime() - Date.parse(run.startedAt ?? run.requestedAt) > giveUpAfterMs;
}
