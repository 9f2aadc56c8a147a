/**
 * Makes BullMQ's Job Schedulers what the configuration declares. Any number of workers may do so at once: the worker that started last is
 * right, the others only put back what it declared. A pipeline that a worker does not declare is none of its business.
 */
import type { Logger } from '../commons/logger.js';
import type { RunQueue } from './queue.js';
import type { Stage } from './run.js';
import {
  type DeclaredSchedule,
  type ScheduleRecord,
  schedulerId,
  slotOffsetMs,
  tickName,
  timingText,
} from './schedule.js';
import type { ScheduleStore } from './schedule-store.js';

/** A slot this late without a job has lost its job. */
const lateMs = 30_000;

/** What the workers of one process declare. */
export class Schedules {
  readonly #store: ScheduleStore;
  readonly #declared: readonly DeclaredSchedule[];
  readonly #logger: Logger;
  #startedAtMs: number | undefined;

  constructor(store: ScheduleStore, declared: readonly DeclaredSchedule[], logger: Logger) {
    this.#store = store;
    this.#declared = declared;
    this.#logger = logger;
  }

  get store(): ScheduleStore {
    return this.#store;
  }

  /** Whether this process's configuration has the stage of the pipeline. */
  declares(stage: Stage, pipeline: string): boolean {
    return this.#declared.some((one) => one.stage === stage && one.pipeline === pipeline);
  }

  /** At the start of a worker and with every sweep: after a flush of Redis the schedulers come back by themselves. */
  async reconcile(stage: Stage, queue: RunQueue): Promise<void> {
    this.#startedAtMs ??= await this.#store.now();
    for (const declared of this.#declared.filter((one) => one.stage === stage)) {
      await this.#store.declare(declared, this.#startedAtMs);
      await applySchedule(queue, await this.#store.get(declared), this.#logger);
    }
  }
}

/** Creates, changes or removes the scheduler of one record. Touches nothing that is as it should be: a missed slot stays due. */
export async function applySchedule(queue: RunQueue, record: ScheduleRecord, logger: Logger): Promise<void> {
  const id = schedulerId(record);
  const existing = await queue.getJobScheduler(id);
  const facts = { stage: record.stage, pipeline: record.pipeline };
  if (record.timing === null || record.pausedAt !== null) {
    if (existing === undefined) return;
    await queue.removeJobScheduler(id);
    return logger.info(facts, record.timing === null ? 'schedule removed' : 'schedule paused');
  }
  const wanted = repeatOptions(record, record.timing);
  const isSame =
    existing !== undefined &&
    existing.every === wanted.every &&
    existing.pattern === wanted.pattern &&
    existing.tz === wanted.tz &&
    existing.name === tickName;
  if (isSame && (await hasJob(queue, id, existing.next))) return;
  const options = { removeOnComplete: { count: 20 }, removeOnFail: { count: 20 } };
  await queue.upsertJobScheduler(id, wanted, { name: tickName, data: { pipeline: record.pipeline }, opts: options });
  logger.info({ ...facts, schedule: timingText(record.timing) }, isSame ? 'schedule put right' : 'schedule set');
}

function repeatOptions(record: ScheduleRecord, timing: NonNullable<ScheduleRecord['timing']>) {
  return 'every' in timing
    ? { every: timing.every, offset: slotOffsetMs(record, timing.every), pattern: undefined, tz: undefined }
    : { pattern: timing.cron, tz: timing.timeZone, every: undefined };
}

/** Whether the slot lies ahead, or its job is there. */
async function hasJob(queue: RunQueue, id: string, next: number | undefined): Promise<boolean> {
  if (next === undefined) return false;
  return next > Date.now() - lateMs || (await queue.getJob(`repeat:${id}:${next}`)) !== undefined;
}
