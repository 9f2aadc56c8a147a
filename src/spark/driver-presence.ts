import { NoAnswer, request } from './http.js';
import { askMaster } from './master-client.js';
import type { Presence } from './submitter.js';

/** Asks the master and every worker for a driver. Only when all answer and none has it, it is gone. */
export async function driverPresence(
  uiUrls: readonly string[],
  driverId: string,
  lastWorkerUi: string | null,
  signal?: AbortSignal,
): Promise<Presence> {
  const answer = await askMaster(uiUrls, signal);
  const known = answer.isAlive ? answer.state.workers : [];
  const silent = known.filter(({ state }) => state !== 'ALIVE').map(({ id, state }) => `worker ${id} is ${state}`);
  const pages = new Set(known.filter(({ state }) => state === 'ALIVE').map(({ webUi }) => webUi));
  if (lastWorkerUi !== null) pages.add(lastWorkerUi);
  for (const page of pages) {
    const running = await runningDrivers(page, signal);
    if (running === null) silent.push(`${page} does not answer`);
    else if (running.includes(driverId)) return { verdict: 'present', evidence: `${page} runs ${driverId}` };
  }
  if (!answer.isAlive) silent.unshift(`no Spark master answers (${answer.detail})`);
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
