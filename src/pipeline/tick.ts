/** One slot of a schedule: a run, or the reason for none. */
import { EltError } from '../commons/errors.js';
import { newRun, type Run, type Stage } from './run.js';
import type { RunServices } from './run-services.js';
import type { ScheduleKey, ScheduleRecord, Tick } from './schedule.js';
import type { ScheduleStore } from './schedule-store.js';

/**
 * Starts a drain run as `elt run` would, unless one is active or there is nothing to read. Asked twice for one slot (a worker died in
 * between) it finds its own run. Null: the schedule was paused or removed meanwhile.
 */
export async function takeTick(
  key: ScheduleKey,
  slot: Date,
  store: ScheduleStore,
  services: RunServices,
  signal: AbortSignal,
): Promise<Tick | null> {
  const record = await store.get(key);
  if (record.pausedAt !== null || record.timing === null) return null;
  const tick = { at: services.now().toISOString(), slot: slot.toISOString() };
  const outcome = await decide(record, tick.slot, services, signal);
  const said = { ...tick, ...outcome };
  await store.recordTick(key, said);
  const facts = { ...key, slot: said.slot, result: said.result, ...(said.runId === null ? {} : { runId: said.runId }) };
  services.logger[said.result === 'failed' ? 'warn' : 'info'](
    { ...facts, ...(said.detail === null ? {} : { detail: said.detail }) },
    'schedule tick',
  );
  return said;
}

type Outcome = Pick<Tick, 'result' | 'runId' | 'detail'>;

async function decide(
  record: ScheduleRecord,
  slot: string,
  services: RunServices,
  signal: AbortSignal,
): Promise<Outcome> {
  await services.reconcile(signal);
  const active = await services.store.active(record.stage, record.pipeline);
  if (active !== null) return besideActive(active, slot);
  try {
    const idle = await isIdle(record, services, signal);
    if (idle === true) return { result: 'nothing-to-read', runId: null, detail: null };
    const planned = services.plan(record.stage, record.pipeline, { drain: true });
    const created = await services.store.create(newRun({ ...planned, origin: { by: 'schedule', slot } }), {
      evidence: `by schedule, for the slot ${slot}`,
    });
    if (!created.isCreated) return besideActive(created.active, slot);
    return { result: 'started', runId: created.run.runId, detail: idle === false ? null : idle };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EltError)) throw error;
    return { result: 'failed', runId: null, detail: error.message.slice(0, 2_000) };
  }
}

function besideActive(active: Run, slot: string): Outcome {
  const isOwn = active.origin?.by === 'schedule' && active.origin.slot === slot;
  if (isOwn) return { result: 'started', runId: active.runId, detail: null };
  return { result: 'skipped', runId: active.runId, detail: 'a run is active' };
}

/**
 * Whether there is nothing to read. The engines that move data do not need Trino: so when it cannot be asked the run is made and finds
 * out, as one of `elt run` does; but not before anything was ever moved: an installation that still starts would begin with a failure.
 */
async function isIdle(
  { stage, pipeline, hasStarted }: ScheduleRecord,
  services: RunServices,
  signal: AbortSignal,
): Promise<boolean | string> {
  const definition = services.stage(stage);
  try {
    return (await definition.isIdle?.(pipeline, signal)) ?? (await definition.caughtUp(pipeline, signal)) !== null;
  } catch (error) {
    signal.throwIfAborted();
    const isOutage = error instanceof EltError && error.kind === 'external';
    if (isOutage && hasStarted) return `not clear whether there is anything to read: ${error.message}`.slice(0, 2_000);
    throw error;
  }
}

/** The stage's name in words of a schedule, for people: `transform numbers`. */
export function nameOf({ stage, pipeline }: { readonly stage: Stage; readonly pipeline: string }): string {
  return `${stage} ${pipeline}`;
}
