/** When a fault is over, and what EXTRACT's rhythm was meanwhile. */
import { sleep } from '../commons/retry.js';
import { isFinal, type RunReport } from '../pipeline/run.js';
import type { LedgerEntry, TableLedger } from '../trino/ledger.js';
import { ledgerOf } from '../trino/ledger-queries.js';
import type { DrillLine } from './drill-line.js';
import type { Offsets } from './numbered-records.js';

const lookEveryMs = 500;

/** Milliseconds since 1970. */
export interface FaultTimes {
  readonly beganAt: number;
  readonly endedAt: number;
}

export interface Recovery {
  /**
   * From the end of the fault until it was seen that RAW and SILVER hold every record that was acknowledged by then, that both stages have
   * committed anew and that the control plane knows of it.
   */
  readonly recoveredMs: number;
  /** The longest time between two commits of EXTRACT, from the last before the fault to the first after its end. */
  readonly extractPauseMs: number;
}

/** Waits until the line has recovered; null when it has not within the limit. */
export async function recovery(
  line: DrillLine,
  goal: Offsets,
  times: FaultTimes,
  limitMs: number,
  signal: AbortSignal,
): Promise<Recovery | null> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(lookEveryMs, signal)) {
    signal.throwIfAborted();
    const [raw, silver] = await ledgers(line, signal);
    if (raw === null || silver === null || !isCaughtUp(raw, silver, goal, times.endedAt)) continue;
    const runs = (await line.runs(signal)) ?? [];
    const isKnown = [raw, silver].every((ledger) => isSeen(runs, commitsAfter(ledger, times.endedAt)));
    if (!isKnown) continue;
    return { recoveredMs: Date.now() - times.endedAt, extractPauseMs: longestPauseMs(raw, times) };
  }
  return null;
}

/** Waits until RAW has a commit; false when it has none within the limit. */
export async function firstCommit(line: DrillLine, limitMs: number, signal: AbortSignal): Promise<boolean> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(lookEveryMs, signal)) {
    signal.throwIfAborted();
    const [raw] = await ledgers(line, signal);
    if (raw?.ingestedAt != null) return true;
  }
  return false;
}

/** RAW's and SILVER's; null while a table is not there or cannot be asked. */
async function ledgers(line: DrillLine, signal: AbortSignal): Promise<[TableLedger | null, TableLedger | null]> {
  const read = (table: string) =>
    ledgerOf(line.trino, table, { signal, timeoutMs: 20_000 }).catch(() => {
      signal.throwIfAborted();
      return null;
    });
  return await Promise.all([read(line.tables.raw), read(line.tables.silver)]);
}

/** Whether both hold everything up to the goal, and both have committed since. */
export function isCaughtUp(raw: TableLedger, silver: TableLedger, goal: Offsets, since: number): boolean {
  const reached = raw.entries.findLast(({ position, ingestedAt }) => ingestedAt !== null && isAt(position, goal));
  const clock = reached?.ingestedAt;
  if (clock == null || silver.ingestedAt === null || silver.ingestedAt < clock) return false;
  return commitsAfter(raw, since).length > 0 && commitsAfter(silver, since).length > 0;
}

function isAt(position: LedgerEntry['position'], goal: Offsets): boolean {
  const offsets = position.at(-1)?.offsets ?? {};
  return [...goal].every(([partition, end]) => Number(offsets[String(partition)] ?? 0) >= end);
}

interface Commit {
  readonly snapshotId: string;
  readonly at: number;
}

/** Commits that brought rows, oldest first. */
function commits(ledger: TableLedger): Commit[] {
  const times = new Map(ledger.snapshots.map(({ snapshotId, committedAt }) => [snapshotId, Date.parse(committedAt)]));
  const withRows = ledger.entries.filter(({ rows }) => rows > 0n).toReversed();
  return withRows.map(({ snapshotId }) => ({ snapshotId, at: times.get(snapshotId) ?? 0 }));
}

function commitsAfter(ledger: TableLedger, since: number): Commit[] {
  return commits(ledger).filter(({ at }) => at > since);
}

/** Whether the control plane has a run under way that it knows to have made one of these commits. */
function isSeen(runs: readonly RunReport[], made: readonly Commit[]): boolean {
  return runs.some(
    ({ state, snapshotIds }) => !isFinal(state) && made.some(({ snapshotId }) => snapshotIds.includes(snapshotId)),
  );
}

export function longestPauseMs(ledger: TableLedger, { beganAt, endedAt }: FaultTimes): number {
  const all = commits(ledger).map(({ at }) => at);
  const first = all.findLastIndex((at) => at <= beganAt);
  const last = all.findIndex((at) => at > endedAt);
  const during = all.slice(Math.max(0, first), last < 0 ? undefined : last + 1);
  return Math.max(0, ...during.slice(1).map((at, index) => at - (during[index] ?? at)));
}
