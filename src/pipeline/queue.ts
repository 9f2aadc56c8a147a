/** One BullMQ queue per stage. A queue job is a run (its steps are short: take one, then come back later) or a tick of a schedule. */
import { Queue } from 'bullmq';
import { failpoint } from '../commons/failpoint.js';
import { type JobData, runName } from './queue-jobs.js';
import { patientOptions } from './redis.js';
import type { Stage } from './run.js';

export interface QueueAddress {
  readonly url: string;
  readonly prefix: string;
}

/** BullMQ's own event stream: nothing of ours reads it. */
const mostEvents = 500;

export type RunQueue = Queue<JobData>;

/** Where BullMQ keeps the queues. */
export function queueOptions({ url, prefix }: QueueAddress) {
  return { connection: { url, ...patientOptions }, prefix: `${prefix}:queue` };
}

/** Opens a stage's queue. */
export function openQueue(stage: Stage, address: QueueAddress, onError: (error: Error) => void): RunQueue {
  const streams = { events: { maxLen: mostEvents } };
  const queue: RunQueue = new Queue(stage, { ...queueOptions(address), streams });
  queue.on('error', onError);
  return queue;
}

/**
 * Makes sure that a run has a queue job that will take its next step. A job that ended (a worker gave it up) is replaced. Nothing
 * happens for a job that waits or is being worked on.
 */
export async function enqueue(queue: RunQueue, runId: string): Promise<void> {
  const existing = await queue.getJob(runId);
  if (existing !== undefined) {
    const state = await existing.getState();
    if (state !== 'completed' && state !== 'failed' && state !== 'unknown') return;
    await existing.remove().catch(() => undefined);
  }
  const options = { jobId: runId, removeOnComplete: { count: 100 }, removeOnFail: { count: 100 } };
  await failpoint('enqueue-before-add');
  await queue.add(runName, { runId, failures: 0 }, options);
}

/** How many workers serve a queue now, anywhere. */
export async function workersOf(queue: RunQueue): Promise<number> {
  return await queue.getWorkersCount();
}
