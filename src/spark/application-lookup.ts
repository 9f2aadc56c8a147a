import { readWorkerLog } from './driver-log.js';
import type { DriverStatus } from './driver-state.js';
import { isLaunchOf } from './launch-command.js';
import { askMaster, type MasterDriver, type MasterState } from './master-client.js';
import type { FindOutcome, Prepared, SubmissionSpec } from './submitter.js';

/** What the live master knows before a submission; null when no master answers. */
export async function prepareSubmission(
  uiUrls: readonly string[],
  name: string,
  signal?: AbortSignal,
): Promise<Prepared | null> {
  const answer = await askMaster(uiUrls, signal);
  if (!answer.isAlive) return null;
  const { drivers, activeApplications, endedApplications } = answer.state;
  return {
    driverIds: drivers.map((driver) => driver.id),
    isNameKnown: [...activeApplications, ...endedApplications].some((application) => application.name === name),
  };
}

/**
 * The driver that was submitted with this spec, if any. A driver that has not started Spark yet has no application: it is one
 * of the ids that are new since `prepared`, and the `Launch Command` line at the top of its stderr names it.
 */
export async function findDriver(
  options: {
    readonly uiUrls: readonly string[];
    readonly spec: SubmissionSpec;
    readonly prepared: readonly string[];
    readonly status: (driverId: string) => Promise<DriverStatus>;
  },
  signal?: AbortSignal,
): Promise<FindOutcome> {
  const answer = await askMaster(options.uiUrls, signal);
  if (!answer.isAlive) return { outcome: 'uncertain', detail: `no Spark master answers: ${answer.detail}` };
  const { state } = answer;
  const old = new Set(options.prepared);
  const candidates = state.drivers.filter(({ id, mainClass }) => mainClass === options.spec.mainClass && !old.has(id));
  const doubts: string[] = [];
  for (const candidate of candidates) {
    const verdict = await isOurs(candidate, state, options, signal);
    if (verdict === true) {
      const evidence = `${candidate.state} on the master, its launch command names ${options.spec.name}`;
      return { outcome: 'found', submissionId: candidate.id, evidence };
    }
    if (typeof verdict === 'string') doubts.push(verdict);
  }
  if (doubts.length > 0) return { outcome: 'uncertain', detail: doubts.join('; ') };
  const application = state.activeApplications.find(({ name }) => name === options.spec.name);
  if (application === undefined) return { outcome: 'absent' };
  return {
    outcome: 'uncertain',
    detail: `application ${application.id} has this run's name, but no driver of it is known`,
  };
}

/** True, false, or why it cannot be told yet. */
async function isOurs(
  candidate: MasterDriver,
  state: MasterState,
  options: { readonly spec: SubmissionSpec; readonly status: (driverId: string) => Promise<DriverStatus> },
  signal?: AbortSignal,
): Promise<boolean | string> {
  const status = await options.status(candidate.id);
  if (!status.isKnown) return `driver ${candidate.id}: ${status.detail}`;
  const worker = state.workers.find(({ id }) => id === status.workerId);
  if (worker === undefined) {
    // It has ended and nobody will ever be able to name it: the table's claim tells whether it was ours.
    if (['FINISHED', 'KILLED', 'FAILED'].includes(candidate.state)) return false;
    const what =
      status.workerId === null ? 'has no worker yet' : 'was on a worker that the master does not know any more';
    return `driver ${candidate.id} (${candidate.state}) ${what}, so nobody can tell whose it is`;
  }
  const log = await readWorkerLog(worker.webUi, candidate.id, 'stderr', 0, signal);
  if (!log.isAvailable) return `driver ${candidate.id}: ${log.detail}`;
  const line = /^Launch Command: .*$/m.exec(log.bytes.toString('utf8'))?.[0];
  if (line === undefined) return `driver ${candidate.id} has not written its launch command yet`;
  return isLaunchOf(line, options.spec.name);
}
