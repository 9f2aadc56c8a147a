/** Staying with a run until something happens, and serving its queue when nobody else does. */
import { EltError, exitCodes } from '../commons/errors.js';
import { loadAll } from '../commons/lazy.js';
import { sleep } from '../commons/retry.js';
import { enqueue, openQueue, type QueueAddress, type RunQueue, workersOf } from '../pipeline/queue.js';
import type { Run } from '../pipeline/run.js';
import { StageWorker } from '../pipeline/stage-worker.js';
import type { Runs } from './runs.js';

/** After a signal; the stand-in's steps have a second to end. */
const leaveWithinMs = 7_000;
const lookEveryMs = 100;
const lookForWorkersEveryMs = 2_000;

/** Where a run's queue is. */
export function queueAddress({ config }: Runs): QueueAddress {
  return { url: config.redis.url, prefix: config.redis.prefix };
}

export interface Attached {
  /** The run as it was seen last. */
  readonly run: Run;
  /** False when the signal ended it before the condition held. */
  readonly isDone: boolean;
  /** Whether an elt worker goes on with the run when this process ends. */
  readonly hasWorker: boolean;
}

/**
 * Waits until `isDone`; tells every change that was seen. Ends early when the signal is aborted.
 * @throws EltError `run-vanished` when Redis has lost the run and it does not come back
 */
export async function attach(
  runs: Runs,
  runId: string,
  isDone: (run: Run) => boolean,
  onChange: (run: Run) => void,
  signal: AbortSignal,
): Promise<Attached> {
  const { store, logger } = runs.services;
  const first = (await store.get(runId))?.run;
  if (first === undefined) throw vanished(runId, 'elt run', 'It was there a moment ago.');
  const leave = () => runs.context.leaveWithin(leaveWithinMs);
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  const onError = (error: Error) => logger.debug({ err: error }, 'queue connection trouble');
  const queue = openQueue(first.stage, queueAddress(runs), onError);
  const server = new StandIn(runs, queue, first);
  let last = { run: first, version: 0 };
  let missingSinceMs = 0;
  try {
    await enqueue(queue, runId);
    for (;;) {
      await server.lookAround();
      const stored = await store.get(runId);
      if (stored !== null && stored.version !== last.version) {
        last = stored;
        onChange(stored.run);
      }
      if (isDone(last.run)) return { run: last.run, isDone: true, hasWorker: !server.isServing };
      if (signal.aborted) return { run: last.run, isDone: false, hasWorker: !server.isServing };
      missingSinceMs = stored === null ? missingSinceMs || Date.now() : 0;
      if (stored === null) await requireComeback(runs, last.run, missingSinceMs);
      await sleep(lookEveryMs, signal);
    }
  } finally {
    await server.close();
    await queue.close();
  }
}

/** Redis has lost the run. One whose driver lives is written again once Spark has told so; any other one is gone. */
async function requireComeback({ context, services }: Runs, run: Run, missingSinceMs: number): Promise<void> {
  const { store, reconcile, workerTimeoutMs } = services;
  const again = `elt run ${run.stage} ${run.pipeline}`;
  try {
    const clarity = await reconcile(context.signal);
    if (clarity.isClear) {
      if ((await store.get(run.runId)) === null) throw vanished(run.runId, again, 'No driver of it lives.');
    } else if (Date.now() - missingSinceMs > workerTimeoutMs) {
      const why = `Nobody can tell whether a driver of it lives (${clarity.detail}); should one live, the run comes back.`;
      throw vanished(run.runId, again, why);
    }
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
}

function vanished(runId: string, again: string, why: string): EltError {
  return new EltError('run-vanished', `Run ${runId} is gone from Redis, which was emptied or restored. ${why}`, {
    exitCode: exitCodes.fencedOrLost,
    hint: `What it had committed stays. What runs now: elt status. Start again, from where the table is: ${again}`,
  });
}

/** Serves the queue itself while no worker does. */
class StandIn {
  readonly #runs: Runs;
  readonly #queue: RunQueue;
  readonly #run: Run;
  #worker: StageWorker | undefined;
  #lookedAt = 0;

  constructor(runs: Runs, queue: RunQueue, run: Run) {
    this.#runs = runs;
    this.#queue = queue;
    this.#run = run;
  }

  get isServing(): boolean {
    return this.#worker !== undefined;
  }

  async lookAround(): Promise<void> {
    if (this.#worker !== undefined || Date.now() - this.#lookedAt < lookForWorkersEveryMs) return;
    this.#lookedAt = Date.now();
    if ((await workersOf(this.#queue)) > 0) return;
    this.#runs.logger.debug({ stage: this.#run.stage }, 'no elt worker is alive: serving the queue');
    await loadAll();
    this.#worker = new StageWorker(this.#run.stage, queueAddress(this.#runs), this.#runs.services);
  }

  async close(): Promise<void> {
    await this.#worker?.close(1_000);
  }
}
