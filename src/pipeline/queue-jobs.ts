/** What may stand in a queue. Redis is not ours alone: whatever else is found there is refused before it does anything. */
import { z } from 'zod';
import type { Stage } from './run.js';
import { isRunId } from './run-id.js';
import { pipelineOfScheduler, schedulerId, tickName } from './schedule.js';

export const runName = 'run';

/** Steps in a row that threw. */
const failures = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const runData = z.strictObject({ runId: z.string().refine(isRunId), failures });
const tickData = z.strictObject({ pipeline: z.string(), failures: failures.optional() });

export interface JobData {
  readonly runId?: string;
  readonly pipeline?: string;
  readonly failures?: number;
}

export type QueueJob =
  | { readonly kind: 'run'; readonly runId: string; readonly failures: number }
  | { readonly kind: 'tick'; readonly pipeline: string; readonly slot: Date; readonly failures: number }
  | { readonly kind: 'foreign'; readonly why: string };

interface RawJob {
  readonly id?: string | undefined;
  readonly name: string;
  readonly data: unknown;
  readonly repeatJobKey?: string | undefined;
}

/** Reads a job of a stage's queue. Pure. */
export function readJob(stage: Stage, job: RawJob): QueueJob {
  if (job.name === runName) return readRun(job);
  if (job.name === tickName) return readTick(stage, job);
  return foreign(`its name is ${shown(job.name)}, expected "${runName}" or "${tickName}"`);
}

function readRun({ id, data }: RawJob): QueueJob {
  const read = runData.safeParse(data);
  if (!read.success) return foreign('its data is no run id with a number of failures');
  if (id !== read.data.runId) return foreign(`its id is ${shown(id)}, expected that of its run, ${read.data.runId}`);
  return { kind: 'run', ...read.data };
}

/** Ticks come from schedulers only, which give them the scheduler's id and the slot as theirs. */
function readTick(stage: Stage, { id, data, repeatJobKey }: RawJob): QueueJob {
  const read = tickData.safeParse(data);
  const pipeline = pipelineOfScheduler(stage, repeatJobKey);
  if (!read.success || pipeline === null || read.data.pipeline !== pipeline) {
    return foreign(`it is no tick of a schedule of ${stage} (scheduler ${shown(repeatJobKey)})`);
  }
  const slotMs = Number(id?.replace(`repeat:${schedulerId({ stage, pipeline })}:`, ''));
  const isTime = Number.isSafeInteger(slotMs) && slotMs > 0 && slotMs < 8_640_000_000_000_000;
  if (!isTime) return foreign(`its id is ${shown(id)}, expected a scheduler's with its slot`);
  return { kind: 'tick', pipeline, slot: new Date(slotMs), failures: read.data.failures ?? 0 };
}

function foreign(why: string): QueueJob {
  return { kind: 'foreign', why };
}

/** Foreign texts in messages: one line, not long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
