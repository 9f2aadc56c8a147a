/** One BullMQ queue per stage. A queue job is a run; its steps are short: take one, then come back later. */
import { DelayedError, type Job, Queue, Worker } from 'bullmq';
import { failpoint } from '../commons/failpoint.js';
import { delayMs, outageBackoff } from '../commons/retry.js';
import { executeRun } from './execute-run.js';
import { patientOptions } from './redis.js';
import type { Stage } from './run.js';
import type { RunServices } from './run-services.js';

export interface QueueAddress {
  readonly url: string;
  readonly prefix: string;
}

/** A worker that dies is noticed after at most two of these. */
const lockMs = 10_000;
const sweepEveryMs = 5_000;
/** Steps wait for answers, they do not compute. */
const concurrency = 50;

interface JobData {
  readonly runId: string;
  /** Steps in a row that threw. */
  readonly failures: number;
}

export type RunQueue = Queue<JobData>;

/** Opens a stage's queue. */
export function openQueue(stage: Stage, { url, prefix }: QueueAddress, onError: (error: Error) => void): RunQueue {
  const queue: RunQueue = new Queue(stage, { connection: { url, ...patientOptions }, prefix: `${prefix}:queue` });
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
  await queue.add('run', { runId, failures: 0 }, options);
}

/** How many workers serve a queue now, anywhere. */
export async function workersOf(queue: RunQueue): Promise<number> {
  return await queue.getWorkersCount();
}

/** Serves a stage's queue until it is closed, and puts runs back that have lost their job. */
export class StageWorker {
  readonly #queue: RunQueue;
  readonly #worker: Worker<JobData>;
  readonly #stopping = new AbortController();
  readonly #sweeper: NodeJS.Timeout;
  readonly #services: RunServices;

  constructor(stage: Stage, address: QueueAddress, services: RunServices) {
    this.#services = services;
    const onError = (error: Error) => services.logger.debug({ err: error, stage }, 'queue connection trouble');
    this.#queue = openQueue(stage, address, onError);
    this.#worker = new Worker<JobData>(stage, async (job, token) => await this.#step(job, token), {
      connection: { url: address.url, ...patientOptions },
      prefix: `${address.prefix}:queue`,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#worker.on('error', onError);
    this.#worker.on('stalled', (runId) =>
      services.logger.info({ runId, stage }, 'took over a run from a worker that died'),
    );
    this.#sweeper = setInterval(() => void this.#sweep(stage), sweepEveryMs);
    void this.#sweep(stage);
  }

  /** Lets the steps in hand end (they are short), for at most `graceMs`; other workers go on where this one stopped. */
  async close(graceMs = 5_000): Promise<void> {
    clearInterval(this.#sweeper);
    const impatience = setTimeout(() => this.#stopping.abort(new Error('the elt worker stops')), graceMs);
    await this.#worker.close();
    clearTimeout(impatience);
    this.#stopping.abort();
    await this.#queue.close();
  }

  async #step(job: Job<JobData>, token: string | undefined): Promise<void> {
    const { runId, failures } = job.data;
    let next: number | 'settled';
    try {
      next = await executeRun(runId, this.#services, this.#stopping.signal);
      if (failures > 0) await job.updateData({ runId, failures: 0 });
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        this.#services.logger.warn({ err: error, runId }, 'a step failed; trying again');
      next = delayMs(outageBackoff, failures);
      await job.updateData({ runId, failures: failures + 1 });
    }
    if (next === 'settled') return;
    await job.moveToDelayed(Date.now() + next, token);
    throw new DelayedError();
  }

  async #sweep(stage: Stage): Promise<void> {
    try {
      for (const runId of await this.#services.store.open()) {
        const stored = await this.#services.store.get(runId);
        if (stored?.run.stage === stage) await enqueue(this.#queue, runId);
      }
    } catch (error) {
      this.#services.logger.debug({ err: error, stage }, 'the sweeper could not look after open runs');
    }
  }
}
