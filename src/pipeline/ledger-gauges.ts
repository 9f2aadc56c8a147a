/** What the ledgers of a pipeline's tables say of lag, freshness and rows. Null is unknown. Pure. */
import type { LedgerEntry, TableLedger } from '../trino/ledger.js';
import { reachesRoot } from './ledger-facts.js';

/** What of RAW is not in SILVER. */
export interface TransformLag {
  readonly rows: bigint;
  /** Age of the oldest of these commits; 0 when there is none. */
  readonly seconds: number;
}

/** Null when RAW's history does not reach back to SILVER's clock. */
export function transformLag(raw: TableLedger, silver: TableLedger | null, now: number): TransformLag | null {
  const reached = silver?.ingestedAt ?? null;
  if (raw.ingestedAt === reached) return { rows: 0n, seconds: 0 };
  if (!reachesRoot(raw) && !reachesBackTo(raw.entries, reached)) return null;
  const unread = raw.entries.filter(
    ({ rows, ingestedAt }) => rows > 0n && ingestedAt !== null && (reached === null || ingestedAt > reached),
  );
  const clocks = unread.map(({ ingestedAt }) => ingestedAt as string).toSorted();
  const rows = unread.reduce((sum, entry) => sum + entry.rows, 0n);
  return { rows, seconds: clocks[0] === undefined ? 0 : secondsSince(clocks[0], now) };
}

function reachesBackTo(entries: readonly LedgerEntry[], clock: string | null): boolean {
  return clock !== null && entries.some(({ startIngestedAt }) => startIngestedAt === null || startIngestedAt <= clock);
}

/** Since the newest rows came into RAW; null before the first. */
export function freshnessSeconds({ ingestedAt }: Pick<TableLedger, 'ingestedAt'>, now: number): number | null {
  return ingestedAt === null ? null : secondsSince(ingestedAt, now);
}

/**
 * By how many rows RAW, up to SILVER's clock, differs from SILVER plus rejects. Null where a total is not known, or while TRANSFORM is between
 * its two commits.
 */
export function unaccountedRows(
  raw: TableLedger,
  silver: TableLedger,
  rejects: TableLedger | null,
  lag: TransformLag | null,
): bigint | null {
  if (silver.ingestedAt === null || (rejects?.ingestedAt ?? '') > silver.ingestedAt) return null;
  const [all, good, bad] = [raw.totalRecords, silver.totalRecords, rejects?.totalRecords ?? null];
  if (all === null || good === null || bad === null || lag === null) return null;
  const difference = all - lag.rows - good - bad;
  return difference < 0n ? -difference : difference;
}

function secondsSince(clock: string, now: number): number {
  return Math.max(0, now - Date.parse(clock)) / 1000;
}
