/** Serves a stage's queue: takes steps of runs and ticks of schedules, and looks after what has lost its job. */
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { delayMs, outageBackoff } from '../commons/retry.js';
import { executeRun } from './execute-run.js';
import { enqueue, openQueue, type QueueAddress, queueOptions, type RunQueue } from './queue.js';
import { type JobData, readJob, shown } from './queue-jobs.js';
import type { Stage } from './run.js';
import { isRecordRefused } from './run-record.js';
import type { RunServices } from './run-services.js';
import { schedulerId } from './schedule.js';
import type { Schedules } from './schedules.js';
import { sweep } from './sweep.js';
import { takeTick } from './tick.js';

/** A job belongs to its worker for so long, unless the worker says that it still has it. */
const lockMs = 10_000;
/** BullMQ takes a job over at the second look that finds it without a worker, and now and then it leaves a look out. */
const stalledLookEveryMs = 5_000;
const sweepEveryMs = 5_000;
/** Steps wait for answers, they do not compute. */
const concurrency = 50;
/** How long a tick waits for a worker that declares its pipeline. */
const ownerMayComeMs = 60_000;
/** A tick that throws so often is given up: the next slot comes. */
const mostTickFailures = 20;

/** Serves a stage's queue until it is closed. Without `schedules` (`elt run` that stands in for a worker) it starts no scheduled runs. */
export class StageWorker {
  readonly #stage: Stage;
  readonly #queue: RunQueue;
  readonly #worker: Worker<JobData>;
  readonly #stopping = new AbortController();
  readonly #sweeper: NodeJS.Timeout;
  readonly #services: RunServices;
  readonly #schedules: Schedules | undefined;
  #isSweeping = false;

  constructor(stage: Stage, address: QueueAddress, services: RunServices, schedules?: Schedules) {
    this.#stage = stage;
    this.#services = services;
    this.#schedules = schedules;
    const onError = (error: Error) => services.logger.debug({ err: error, stage }, 'queue connection trouble');
    this.#queue = openQueue(stage, address, onError);
    this.#worker = new Worker<JobData>(stage, async (job, token) => await this.#take(job, token), {
      ...queueOptions(address),
      concurrency,
      lockDuration: lockMs,
      stalledInterval: stalledLookEveryMs,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnFail: { count: 100 },
    });
    this.#worker.on('error', onError);
    this.#worker.on('stalled', (job) =>
      services.logger.info({ job, stage }, 'took over a job from a worker that died'),
    );
    this.#sweeper = setInterval(() => void this.#sweep(), sweepEveryMs);
    void this.#sweep();
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

  async #take(job: Job<JobData>, token: string | undefined): Promise<void> {
    const read = readJob(this.#stage, job);
    if (read.kind === 'foreign') throw this.#refused(job, read.why);
    const next = await (read.kind === 'run'
      ? this.#step(job, read.runId, read.failures)
      : this.#tick(job, read.pipeline, read.slot, read.failures));
    if (next === 'settled') return;
    await job.moveToDelayed(Date.now() + next, token);
    throw new DelayedError();
  }

  async #step(job: Job<JobData>, runId: string, failures: number): Promise<number | 'settled'> {
    try {
      if ((await this.#services.store.get(runId)) === null) throw this.#refused(job, `there is no run ${runId}`);
      const next = await executeRun(runId, this.#services, this.#stopping.signal);
      if (failures > 0) await job.updateData({ runId, failures: 0 });
      return next;
    } catch (error) {
      if (error instanceof UnrecoverableError) throw error;
      if (isRecordRefused(error)) {
        await this.#services.store.setAside(runId);
        throw this.#refused(job, error.message);
      }
      this.#warn(error, { runId }, 'a step failed; trying again');
      await job.updateData({ runId, failures: failures + 1 });
      return delayMs(outageBackoff, failures);
    }
  }

  async #tick(job: Job<JobData>, pipeline: string, slot: Date, failures: number): Promise<number | 'settled'> {
    const key = { stage: this.#stage, pipeline };
    const { schedules, logger } = this.#services;
    try {
      if (this.#schedules === undefined) {
        const at = this.#services.now().toISOString();
        const detail = 'no elt worker was alive';
        await schedules.recordTick(key, { at, slot: slot.toISOString(), result: 'skipped', runId: null, detail });
        return 'settled';
      }
      if (!this.#schedules.declares(this.#stage, pipeline)) {
        if (Date.now() - slot.getTime() < ownerMayComeMs) return 1_000;
        await this.#queue.removeJobScheduler(schedulerId(key));
        logger.warn(key, 'schedule removed: no elt worker has this pipeline in its configuration');
        return 'settled';
      }
      const tick = await takeTick(key, slot, schedules, this.#services, this.#stopping.signal);
      if (tick?.result === 'started' && tick.runId !== null) await enqueue(this.#queue, tick.runId);
      return 'settled';
    } catch (error) {
      this.#warn(error, key, 'a schedule tick failed; trying again');
      if (failures >= mostTickFailures) throw new UnrecoverableError((error as Error).message);
      await job.updateData({ pipeline, failures: failures + 1 });
      return delayMs(outageBackoff, failures);
    }
  }

  #warn(err: unknown, facts: object, message: string): void {
    if (!this.#stopping.signal.aborted) this.#services.logger.warn({ err, ...facts }, message);
  }

  /** The job goes to BullMQ's failed ones with the reason, is never tried again, and the worker goes on. */
  #refused(job: Job<JobData>, why: string): UnrecoverableError {
    this.#services.logger.error({ stage: this.#stage, job: shown(job.id), why }, 'a queue job was refused');
    return new UnrecoverableError(`refused: ${why}`);
  }

  async #sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    await sweep(this.#stage, this.#queue, this.#services, this.#schedules, this.#stopping.signal);
    this.#isSweeping = false;
  }
}
