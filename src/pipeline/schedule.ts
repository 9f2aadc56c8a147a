/** When a stage of a pipeline runs by itself: what is declared, what Redis keeps of it. Pure; `schedules.ts` acts. */
import { z } from 'zod';
import type { PipelineConfig, ScheduleConfig } from '../commons/config-schema.js';
import type { Stage } from './run.js';

/** `every` in milliseconds, or a cron expression with its time zone. */
export type Timing = ScheduleConfig;

export interface ScheduleKey {
  readonly stage: Stage;
  readonly pipeline: string;
}

/** A stage that a configuration declares; `timing` is null when it has no schedule there. */
export interface DeclaredSchedule extends ScheduleKey {
  readonly timing: Timing | null;
}

const timingSchema = z.union([
  z.strictObject({ every: z.int().min(1_000) }),
  z.strictObject({ cron: z.string().min(1).max(200), timeZone: z.string().min(1).max(100) }),
]);

const tickSchema = z.strictObject({
  at: z.iso.datetime(),
  slot: z.iso.datetime().nullable(),
  /** `skipped`: a run was active. `nothing-to-read`: no run was made. `failed`: no run could be made; see `detail`. */
  result: z.enum(['started', 'skipped', 'nothing-to-read', 'failed']),
  /** The run that was started, or the active one. */
  runId: z.string().max(100).nullable(),
  detail: z.string().max(2_000).nullable(),
});

/** What became of one slot. */
export type Tick = z.output<typeof tickSchema>;

/** What Redis keeps of a schedule. */
export interface ScheduleRecord extends ScheduleKey {
  /** Of the worker that started last; null when its configuration has no schedule there (any more). */
  readonly timing: Timing | null;
  /** When that worker started, ms since 1970 by Redis' clock; 0 when no worker has declared it. */
  readonly declaredAtMs: number;
  readonly pausedAt: string | null;
  readonly lastTick: Tick | null;
  /** Whether one of its ticks ever started a run: then there is something to move. */
  readonly hasStarted: boolean;
}

/** Every stage that the pipelines declare, whatever stages there are. */
export function declaredSchedules(pipelines: Readonly<Record<string, PipelineConfig>>): readonly DeclaredSchedule[] {
  return Object.entries(pipelines).flatMap(([pipeline, stages]) =>
    Object.entries(stages as Record<string, { schedule?: Timing } | undefined>).flatMap(([stage, declared]) =>
      declared === undefined ? [] : [{ stage: stage as Stage, pipeline, timing: declared.schedule ?? null }],
    ),
  );
}

/** The name of a scheduler's queue jobs. */
export const tickName = 'tick';

/** The BullMQ Job Scheduler's id. Only schedulers of this naming are ours to change or remove. */
export function schedulerId({ stage, pipeline }: ScheduleKey): string {
  return `elt-${stage}-${pipeline}`;
}

/** The pipeline of a scheduler of this stage; null when the id is none of ours. */
export function pipelineOfScheduler(stage: Stage, id: string | undefined): string | null {
  const match = /^elt-([a-z]+)-([a-z_][a-z0-9_]{0,62})$/.exec(id ?? '');
  return match?.[1] === stage ? (match[2] as string) : null;
}

/**
 * Where the slots of `every` lie (ms, from 1 to `every` - 1 after each multiple): the same for every worker and after a flush of
 * Redis, and spread, so that a hundred pipelines do not all start in the same second.
 */
export function slotOffsetMs(key: ScheduleKey, everyMs: number): number {
  const hash = [...schedulerId(key)].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1_000_003, 7);
  return 1 + (hash % (everyMs - 1));
}

/** `every 1m`, `cron 0 * * * * Europe/Paris`. */
export function timingText(timing: Timing): string {
  return 'every' in timing ? `every ${durationText(timing.every)}` : `cron ${timing.cron} ${timing.timeZone}`;
}

function durationText(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1_000, 's'],
  ];
  const [size, unit] = units.find(([unitMs]) => ms % unitMs === 0) ?? [1, 'ms'];
  return `${ms / size}${unit}`;
}

/** A record from the fields of its hash; what cannot be read counts as absent, for whoever wrote it. */
export function parseRecord(key: ScheduleKey, fields: Readonly<Record<string, string>>): ScheduleRecord {
  const declaredAtMs = Number(fields.declaredAtMs ?? 0);
  return {
    ...key,
    timing: parsed(timingSchema, fields.timing),
    declaredAtMs: Number.isSafeInteger(declaredAtMs) ? declaredAtMs : 0,
    pausedAt: z.iso.datetime().safeParse(fields.pausedAt).data ?? null,
    lastTick: parsed(tickSchema, fields.lastTick),
    hasStarted: fields.hasStarted === '1',
  };
}

function parsed<T extends z.ZodType>(schema: T, json: string | undefined): z.output<T> | null {
  try {
    return schema.safeParse(JSON.parse(json ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}
