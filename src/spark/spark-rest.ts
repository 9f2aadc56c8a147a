import { findDriver, prepareSubmission } from './application-lookup.js';
import { driverCensus } from './driver-census.js';
import { readWorkerLog } from './driver-log.js';
import { driverPresence } from './driver-presence.js';
import { askMaster, type MasterWorker } from './master-client.js';
import { RestClient } from './rest-client.js';
import type { Submitter } from './submitter.js';
import { waitingFor } from './waiting.js';

/** Where a standalone cluster answers: its REST servers and its masters' web UIs. */
export interface ClusterAddresses {
  readonly rest: readonly string[];
  readonly ui: readonly string[];
}

/** Everything about drivers in cluster mode but how they are created. */
export function clusterDrivers({
  rest,
  ui,
}: ClusterAddresses): Omit<Submitter, 'name' | 'create' | 'requestMayArriveMs'> {
  const client = new RestClient(rest);
  return {
    prepare: (name, signal) => prepareSubmission(ui, name, signal),
    census: (includesEnded, signal) => driverCensus(ui, includesEnded, signal),
    find: (spec, prepared, signal) =>
      findDriver({ uiUrls: ui, spec, prepared, status: (id) => client.status(id, signal) }, signal),
    status: (submissionId, signal) => client.status(submissionId, signal),
    // Spark's kill is SIGTERM, then SIGKILL after spark.worker.driverTerminateTimeout; there is no harder one.
    kill: (submissionId, _isHard, signal) => client.kill(submissionId, signal),
    logAddress: async (submissionId, status, signal) => {
      if (status.isKnown ? status.workerId === null : status.reason !== 'forgotten') return null;
      const answer = await askMaster(ui, signal);
      const workers = answer.isAlive ? answer.state.workers : [];
      if (!status.isKnown) return await whoHasLog(workers, submissionId, signal);
      return workers.find(({ id }) => id === status.workerId)?.webUi ?? null;
    },
    readLog: readWorkerLog,
    presence: (submissionId, logAddress, signal) => driverPresence(ui, submissionId, logAddress, signal),
    waitingFor: ({ name }, submissionId, signal) => waitingFor(ui, name, submissionId, signal),
  };
}

/** A master forgets drivers that have ended; the worker keeps their logs. */
async function whoHasLog(
  workers: readonly MasterWorker[],
  submissionId: string,
  signal?: AbortSignal,
): Promise<string | null> {
  for (const { webUi } of workers) {
    const log = await readWorkerLog(webUi, submissionId, 'stderr', 0, signal);
    if (log.isAvailable && log.totalBytes > 0) return webUi;
  }
  return null;
}

/** Submits through the REST server: no JVM to start, one HTTP request. */
export function restSubmitter(addresses: ClusterAddresses): Submitter {
  const client = new RestClient(addresses.rest);
  return {
    ...clusterDrivers(addresses),
    name: 'rest',
    create: (spec, signal, isInTime) => client.create(spec, signal, isInTime),
    // Given up after 5 s (http.ts); the rest is for what the network still holds.
    requestMayArriveMs: 10_000,
  };
}
