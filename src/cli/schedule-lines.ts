/** Schedules for people and for scripts. Pure. */
import type { Config } from '../commons/config.js';
import { declaredSchedules, type ScheduleRecord, type Tick, timingText } from '../pipeline/schedule.js';
import type { ScheduleStore } from '../pipeline/schedule-store.js';
import type { Output } from './output.js';
import { tableLines } from './table.js';

/** A schedule in `elt status -o json`. `nextAt` null: paused, or no elt worker has taken it up yet. */
export interface ScheduleReport {
  readonly stage: string;
  readonly pipeline: string;
  /** In milliseconds; null for cron. */
  readonly everyMs: number | null;
  readonly cron: string | null;
  readonly timeZone: string | null;
  readonly paused: boolean;
  readonly pausedAt: string | null;
  readonly nextAt: string | null;
  readonly lastTick: Tick | null;
}

export function scheduleReport(
  { stage, pipeline, timing, pausedAt, lastTick }: ScheduleRecord,
  next: Date | null,
): ScheduleReport {
  return {
    stage,
    pipeline,
    everyMs: timing !== null && 'every' in timing ? timing.every : null,
    cron: timing !== null && 'cron' in timing ? timing.cron : null,
    timeZone: timing !== null && 'cron' in timing ? timing.timeZone : null,
    paused: pausedAt !== null,
    pausedAt,
    nextAt: pausedAt !== null ? null : (next?.toISOString() ?? null),
    lastTick,
  };
}

/** What the workers declared, and what this configuration does although no worker has taken it up. */
export async function readSchedules(store: ScheduleStore, config: Config): Promise<readonly ScheduleReport[]> {
  const known = await store.list();
  const isKnown = ({ stage, pipeline }: { stage: string; pipeline: string }) =>
    known.some((one) => one.declaredAtMs > 0 && one.stage === stage && one.pipeline === pipeline);
  const waiting = declaredSchedules(config.pipelines).filter((one) => one.timing !== null && !isKnown(one));
  const pauses = await Promise.all(waiting.map(async (one) => ({ ...(await store.get(one)), timing: one.timing })));
  const records = [...known.filter((one) => one.declaredAtMs > 0), ...pauses].filter((one) => one.timing !== null);
  return await Promise.all(records.map(async (record) => scheduleReport(record, await store.nextSlot(record))));
}

export function showSchedules(output: Output, schedules: readonly ScheduleReport[], now: Date): void {
  if (schedules.length === 0) return;
  const columns = ['SCHEDULE', 'PIPELINE', 'WHEN', 'NEXT', 'LAST TICK'].map((heading) => ({ heading }));
  const rows = schedules.map((one) => [
    one.stage,
    one.pipeline,
    one.everyMs === null
      ? timingText({ cron: one.cron ?? '', timeZone: one.timeZone ?? '' })
      : timingText({ every: one.everyMs }),
    nextText(output, one, now),
    tickText(one.lastTick),
  ]);
  for (const line of tableLines(columns, rows)) output.line(line);
}

/** How long a slot may be due before nobody can be there to take it. */
const overdueMs = 10_000;

export function nextText(output: Output, { paused, pausedAt, nextAt }: ScheduleReport, now: Date): string {
  if (paused) return output.yellow(`paused since ${pausedAt?.slice(0, 19)}Z`);
  if (nextAt === null) return output.yellow('when an elt worker starts');
  const isOverdue = now.getTime() - Date.parse(nextAt) > overdueMs;
  const at = `${nextAt.slice(0, 19)}Z`;
  return isOverdue ? output.yellow(`due since ${at}: no elt worker takes it`) : at;
}

export function tickText(tick: Tick | null): string {
  if (tick === null) return '-';
  const what = { started: 'started', skipped: 'skipped', 'nothing-to-read': 'nothing to read', failed: 'failed' }[
    tick.result
  ];
  const run = tick.runId === null ? '' : ` ${tick.result === 'skipped' ? `(${tick.runId} was active)` : tick.runId}`;
  const isTold = tick.detail !== null && !(tick.result === 'skipped' && tick.runId !== null);
  return `${tick.at.slice(0, 19)}Z ${what}${run}${isTold ? `: ${tick.detail?.split('\n')[0]?.slice(0, 100)}` : ''}`;
}
