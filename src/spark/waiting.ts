import { askMaster, type MasterState } from './master-client.js';

/** Why a driver or its application does not start, in words; null when nothing stands in the way. */
export async function waitingFor(
  uiUrls: readonly string[],
  name: string,
  driverId: string | null,
  signal?: AbortSignal,
): Promise<string | null> {
  const answer = await askMaster(uiUrls, signal);
  return answer.isAlive ? reasonToWait(answer.state, name, driverId) : null;
}

/** Pure part of `waitingFor`. */
export function reasonToWait(state: MasterState, name: string, driverId: string | null): string | null {
  const workers = state.workers.filter((worker) => worker.state === 'ALIVE');
  if (state.drivers.some((driver) => driver.id === driverId && driver.state === 'SUBMITTED')) {
    if (workers.length === 0) return 'WAITING: no Spark worker is alive, so the driver has nowhere to start';
    return `WAITING for a Spark worker with enough free cores and memory for the driver; ${free(workers)}`;
  }
  const application = state.activeApplications.find((one) => one.name === name);
  if (application?.state !== 'WAITING') return null;
  return `WAITING for executors: the application has no cores; ${free(workers)}`;
}

function free(workers: MasterState['workers']): string {
  if (workers.length === 0) return 'no Spark worker is alive';
  const each = workers.map(({ coresFree, cores, memoryFreeMiB }) => {
    return `${coresFree} of ${cores} cores and ${memoryFreeMiB} MiB`;
  });
  return `free now: ${each.join(', ')}`;
}
