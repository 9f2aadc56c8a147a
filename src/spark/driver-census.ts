/** All drivers of ours that a standalone cluster has, with the names that their launch commands tell. */
import { readWorkerLog } from './driver-log.js';
import { driverPresence } from './driver-presence.js';
import { parseDriverState } from './driver-state.js';
import { parseLaunchCommand } from './launch-command.js';
import { askMaster, type MasterDriver, type MasterState } from './master-client.js';
import type { Census, SeenDriver } from './submitter.js';

/** Main classes of the project's jar. */
const ourClasses = /^elt\./;
const atOnce = 8;

/**
 * Asks the master, and each driver's worker for its launch command. With `includesEnded` the ended drivers that the master remembers are
 * told too, as far as their logs are still there. A live driver that cannot be told apart makes the whole answer uncertain.
 */
export async function driverCensus(
  uiUrls: readonly string[],
  includesEnded: boolean,
  signal?: AbortSignal,
): Promise<Census> {
  const answer = await askMaster(uiUrls, signal);
  if (!answer.isAlive) return { outcome: 'uncertain', detail: `no Spark master answers: ${answer.detail}` };
  const { state } = answer;
  const candidates = state.drivers.filter(
    (driver) => ourClasses.test(driver.mainClass) && (includesEnded || mayLive(driver)),
  );
  const seen: (SeenDriver | string | null)[] = [];
  for (let from = 0; from < candidates.length; from += atOnce) {
    const some = candidates.slice(from, from + atOnce);
    seen.push(...(await Promise.all(some.map((driver) => look(driver, state, uiUrls, signal)))));
  }
  const doubts = seen.filter((one) => typeof one === 'string');
  if (doubts.length > 0) return { outcome: 'uncertain', detail: doubts.join('; ') };
  return {
    outcome: 'complete',
    drivers: seen.filter((one) => one !== null && typeof one === 'object'),
    driverIds: state.drivers.map(({ id }) => id),
    applications: state.activeApplications.map(({ name }) => name),
  };
}

/** After ERROR (its worker was lost) a driver may still live. */
function mayLive({ state }: MasterDriver): boolean {
  return !['FINISHED', 'KILLED', 'FAILED'].includes(state);
}

/** The driver; null for one that has ended and cannot be named any more; or why it cannot be told yet. */
async function look(
  driver: MasterDriver,
  state: MasterState,
  uiUrls: readonly string[],
  signal?: AbortSignal,
): Promise<SeenDriver | string | null> {
  const isCertain = driver.state !== 'ERROR';
  const doubt = (detail: string) => (mayLive(driver) && isCertain ? `driver ${driver.id} ${detail}` : null);
  const worker = state.workers.find(({ id }) => id === driver.worker);
  if (worker === undefined) return doubt('has no worker yet, so nobody can tell whose it is');
  const log = await readWorkerLog(worker.webUi, driver.id, 'stderr', 0, signal);
  if (!log.isAvailable) return doubt(`cannot be named: ${log.detail}`);
  const command = parseLaunchCommand(log.bytes.toString('utf8'), driver.mainClass);
  if (command === undefined) return doubt('has not written its launch command yet');
  const isPresent = async () => (await driverPresence(uiUrls, driver.id, worker.webUi, signal)).verdict === 'present';
  return {
    ...command,
    submissionId: driver.id,
    mainClass: driver.mainClass,
    isLive: isCertain ? mayLive(driver) : await isPresent(),
    driverState: parseDriverState(driver.state) ?? null,
    logAddress: worker.webUi,
  };
}
