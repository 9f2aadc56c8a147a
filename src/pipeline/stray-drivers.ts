/** Drivers that are one too many, or that an end could not be passed on to: they are asked to end until Spark says that they have. */
import { isEnded } from '../spark/driver-state.js';
import type { Submitter, SubmitterName } from '../spark/submitter.js';
import { termThenKillMs } from './end-request.js';
import { isFinal, type Run, type StrayDriver } from './run.js';
import type { RunServices, Step } from './run-services.js';

/** How long a run that is over goes on with it; later the next claim fences the driver. */
const afterEndMs = 90_000;

/** What to write down so that this driver is ended, whatever happens to whoever found it. */
export function withStray(run: Run, submissionId: string, submitter: SubmitterName): Pick<Run, 'strays'> {
  const others = (run.strays ?? []).filter((one) => one.submissionId !== submissionId);
  return { strays: [...others, { submissionId, submitter, killSentAt: null }] };
}

/** Whether the run has drivers that have to end first. */
export function hasStrays({ strays = [] }: Pick<Run, 'strays'>): boolean {
  return strays.length > 0;
}

/** The step that brings such a driver nearer to its end; null when there is none, or nothing new of it. */
export async function endStrays(run: Run, services: RunServices, signal: AbortSignal): Promise<Step | null> {
  for (const stray of run.strays ?? []) {
    const others = run.strays?.filter((one) => one !== stray) ?? [];
    const news = await endStray(stray, services, signal);
    if (news !== null) {
      const strays = news.after === null ? others : [...others, news.after];
      const finding = { what: 'second driver', evidence: `${stray.submissionId}: ${news.evidence}` };
      return { changes: { strays }, finding, delayMs: 100 };
    }
  }
  const sinceEndMs = services.now().getTime() - Date.parse(run.endedAt ?? run.requestedAt);
  if (!hasStrays(run) || !isFinal(run.state) || sinceEndMs < afterEndMs) return null;
  const ids = run.strays?.map(({ submissionId }) => submissionId).join(', ');
  const evidence = `${ids}: could not be ended; should it live, the next claim fences it`;
  return { changes: { strays: [] }, finding: { what: 'second driver', evidence }, delayMs: 0 };
}

interface News {
  /** Null: the driver is gone. */
  readonly after: StrayDriver | null;
  readonly evidence: string;
}

async function endStray(stray: StrayDriver, services: RunServices, signal: AbortSignal): Promise<News | null> {
  const submitter = services.submitter(stray.submitter);
  const end = await endOf(stray, submitter, signal);
  if (end !== null) return { after: null, evidence: end };
  const now = services.now();
  if (stray.killSentAt !== null && now.getTime() - Date.parse(stray.killSentAt) < termThenKillMs) return null;
  const { outcome } = await submitter.kill(stray.submissionId, true, signal);
  if (outcome === 'unreachable') return null;
  if (outcome === 'not-running') return { after: null, evidence: 'it does not run' };
  return { after: { ...stray, killSentAt: now.toISOString() }, evidence: 'kill sent' };
}

/** How the driver ended, in words; null as long as it may live. */
async function endOf({ submissionId }: StrayDriver, submitter: Submitter, signal: AbortSignal): Promise<string | null> {
  const status = await submitter.status(submissionId, signal);
  if (!status.isKnown) return status.reason === 'forgotten' ? status.detail : null;
  const isOver = isEnded(status.driverState) && status.driverState !== 'error';
  return isOver ? `Spark says ${status.driverState.toUpperCase()}` : null;
}
