/**
 * After Redis was emptied, restored from an older file or started anew: the runs are brought in line with the drivers that live, before
 * anything is submitted. Nothing is concluded from silence: while somebody who has to be asked does not answer, nothing is submitted.
 */
import type { Census, Submitter } from '../spark/submitter.js';
import { parseDriverName } from './driver-name.js';
import { bringInLine, importRun, type LiveRun, lookFirst, type ReconcileServices } from './reconcile-run.js';
import { isFinal } from './run.js';
import { isRecordRefused } from './run-record.js';
import type { RunStore, StoredRun } from './run-store.js';

/** `hasChanged`: runs were brought in line just now, so what was read before is old. */
export type Clarity =
  | { readonly isClear: true; readonly hasChanged: boolean }
  | { readonly isClear: false; readonly detail: string };

/** How long an answer that nothing is clear holds, so that many waiting runs do not all ask. */
const doubtHoldsMs = 1_000;

/** One for each process: many steps may ask at once, and one looks. */
export function reconciler(services: ReconcileServices): (signal: AbortSignal) => Promise<Clarity> {
  let looking: Promise<Clarity> | undefined;
  let doubt: { readonly clarity: Clarity; readonly untilMs: number } | undefined;
  return async (signal) => {
    if (await services.continuity.isIntact()) return { isClear: true, hasChanged: false };
    if (looking === undefined && doubt !== undefined && services.now().getTime() < doubt.untilMs) return doubt.clarity;
    looking ??= reconcile(services, signal).finally(() => {
      looking = undefined;
    });
    const clarity = await looking;
    doubt = clarity.isClear ? undefined : { clarity, untilMs: services.now().getTime() + doubtHoldsMs };
    return clarity;
  };
}

async function reconcile(services: ReconcileServices, signal: AbortSignal): Promise<Clarity> {
  const { store, continuity, logger } = services;
  const visit = await continuity.begin();
  const open = (await openRuns(store)).filter(({ run }) => !isFinal(run.state));
  const old = open.filter(({ serverId }) => serverId !== visit.serverId);
  const isAnyUnsubmitted = old.some(({ run }) => run.state !== 'running');
  const censuses = await Promise.all(services.submitters.map((one) => one.census(isAnyUnsubmitted, signal)));
  const doubt = doubtOf(censuses, services);
  if (doubt !== null) return { isClear: false, detail: doubt };
  const seen = services.submitters.flatMap((submitter, index) =>
    runsOf(censuses[index] as Census, submitter, services),
  );
  const live = newestAttempts(seen.filter(({ driver }) => driver.isLive));
  for (const one of live) {
    const isActive = !live.some((other) => isSameSubject(one, other) && other.runId > one.runId);
    const stored = await store.get(one.runId);
    if (stored === null) await importRun(one, isActive, services);
    else await bringInLine(stored.run, one, isActive, services);
  }
  const driverIds = censuses.flatMap((census) => (census.outcome === 'complete' ? census.driverIds : []));
  for (const { run } of old.filter(({ run }) => !live.some(({ runId }) => runId === run.runId))) {
    await lookFirst(
      run,
      newestAttempts(seen).find(({ runId }) => runId === run.runId),
      driverIds,
      services,
    );
  }
  if (!(await continuity.conclude(visit)))
    return { isClear: false, detail: 'Redis was emptied or restarted meanwhile' };
  logger.info(
    { live: live.length, open: open.length },
    'Redis is new, emptied or restored: runs are in line with Spark',
  );
  return { isClear: true, hasChanged: true };
}

/** Records that are refused are none: the sweeper sets them aside. */
async function openRuns(store: RunStore): Promise<readonly StoredRun[]> {
  const unlessRefused = (error: unknown) => {
    if (isRecordRefused(error)) return null;
    throw error;
  };
  const stored = await Promise.all((await store.open()).map((runId) => store.get(runId).catch(unlessRefused)));
  return stored.filter((one) => one !== null);
}

/** Why it cannot be told what runs; null when it can. */
function doubtOf(censuses: readonly Census[], services: ReconcileServices): string | null {
  const details = censuses.flatMap((census) => (census.outcome === 'uncertain' ? [census.detail] : []));
  if (details.length > 0) return [...new Set(details)].join('; ');
  const complete = censuses.filter((census) => census.outcome === 'complete');
  const known = new Set(complete.flatMap(({ drivers }) => drivers.filter((one) => one.isLive).map(({ name }) => name)));
  const stray = complete
    .flatMap(({ applications }) => applications)
    .find((name) => {
      const parsed = parseDriverName(name);
      return parsed !== null && !known.has(name) && services.isDeclared(parsed.stage, parsed.pipeline);
    });
  return stray === undefined ? null : `application ${stray} lives, but no driver of it is known`;
}

function runsOf(census: Census, submitter: Submitter, { owner }: ReconcileServices): readonly LiveRun[] {
  if (census.outcome !== 'complete') return [];
  return census.drivers
    .filter((driver) => driver.owner === owner)
    .flatMap((driver) => {
      const parsed = parseDriverName(driver.name);
      return parsed === null ? [] : [{ ...parsed, driver, submitter }];
    });
}

function newestAttempts(runs: readonly LiveRun[]): readonly LiveRun[] {
  return runs.filter((one) => !runs.some((other) => other.runId === one.runId && other.attempt > one.attempt));
}

function isSameSubject(one: LiveRun, other: LiveRun): boolean {
  return one.stage === other.stage && one.pipeline === other.pipeline;
}
