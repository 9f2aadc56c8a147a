import { NoAnswer, request } from './http.js';
import { askMaster } from './master-client.js';
import type { Presence } from './submitter.js';

/**
 * Asks the master for its workers and every worker for the driver. Only when all answer and none has it, it is gone: a driver exits
 * when its worker does (Spark's WorkerWatcher), so a worker that came back without it tells enough.
 */
export async function driverPresence(
  uiUrls: readonly string[],
  driverId: string,
  lastWorkerUi: string | null,
  signal?: AbortSignal,
): Promise<Presence> {
  const answer = await askMaster(uiUrls, signal);
  const workers = answer.isAlive ? answer.state.workers.filter(({ state }) => state !== 'DECOMMISSIONED') : [];
  const pages = new Set(workers.map(({ webUi }) => webUi));
  if (lastWorkerUi !== null) pages.add(lastWorkerUi);
  const silent = answer.isAlive ? [] : [`no Spark master answers (${answer.detail})`];
  for (const page of pages) {
    const running = await runningDrivers(page, signal);
    if (running === null) silent.push(`the Spark worker at ${page} does not answer`);
    else if (running.includes(driverId)) return { verdict: 'present', evidence: `${page} runs ${driverId}` };
  }
  if (silent.length > 0) return { verdict: 'unknown', evidence: silent.join('; ') };
  const asked = pages.size === 0 ? 'there is no worker' : `${[...pages].join(', ')} answered without it`;
  return { verdict: 'absent', evidence: `driver ${driverId} is gone: ${asked}` };
}

/** The part of a worker's page that lists running drivers; null when nobody answers. Its /json/ has executors only. */
async function runningDrivers(workerUi: string, signal?: AbortSignal): Promise<string | null> {
  try {
    const { status, text } = await request(`${workerUi}/`, { signal });
    if (status !== 200) return null;
    return /Running Drivers([\s\S]*?)(?:Finished Executors|Finished Drivers|$)/.exec(text)?.[1] ?? '';
  } catch (error) {
    if (error instanceof NoAnswer) return null;
    throw error;
  }
}
