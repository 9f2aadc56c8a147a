/** What has to hold before a run may submit a driver. */
import type { Clarity } from './reconcile.js';
import { isAskedToEnd, type Run } from './run.js';
import type { RunServices, Step } from './run-services.js';

/** What ends before a driver was submitted needs no driver's word. */
const stoppedBeforeSubmission: Step = {
  outcome: { state: 'stopped', error: null },
  finding: { evidence: 'asked to end before a driver was submitted' },
  delayMs: 0,
};

/** Whether the next step of this run could submit a driver. */
export function isBeforeSubmission(run: Run): boolean {
  return run.state === 'queued' || (run.state === 'submitting' && run.submitTriedAt === null);
}

/** The step that is taken instead of a submission; null when nothing stands in the way. */
export async function heldBack(run: Run, clarity: Clarity, { store }: RunServices): Promise<Step | null> {
  if (isAskedToEnd(run)) return stoppedBeforeSubmission;
  if (!clarity.isClear) {
    const notice = `Not known since Redis was started, emptied or restored: which drivers live (${clarity.detail}). Nothing is submitted before.`;
    return { changes: { notice }, delayMs: 1_000 };
  }
  const active = await store.active(run.stage, run.pipeline);
  return active === null || active.runId === run.runId ? null : superseded(active);
}

/** While this run waited, a driver of another one was found alive. */
function superseded({ runId, stage, pipeline, submissionId }: Run): Step {
  const message = `${stage} ${pipeline} is running already: ${runId} was found alive (${submissionId}) after Redis had lost it. This run submitted nothing.`;
  return { outcome: { state: 'stopped', error: { code: 'already-running', message } }, delayMs: 0 };
}
