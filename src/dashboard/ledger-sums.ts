/** Sums over a table's ledger, none of them guessed: what expired snapshots knew is unknown. Pure. */
import { reachesRoot } from '../pipeline/ledger-facts.js';
import type { LedgerEntry, TableLedger } from '../trino/ledger.js';

const minuteMs = 60_000;

/** The start of the minute that `now` lies in. */
export function minuteOf(now: Date): number {
  return Math.floor(now.getTime() / minuteMs) * minuteMs;
}

/**
 * Rows that came in during each of the last `count` minutes, oldest first. A minute before the oldest snapshot that is left is
 * unknown, unless nothing has expired: then nothing came.
 */
export function rowsPerMinute(ledger: TableLedger, now: Date, count: number): readonly (number | null)[] {
  const first = minuteOf(now) - (count - 1) * minuteMs;
  const known = knownSince(ledger);
  const rows = Array.from({ length: count }, (_, index): number | null =>
    first + index * minuteMs < known ? null : 0,
  );
  for (const [entry, at] of commitTimes(ledger)) {
    const index = Math.floor((at - first) / minuteMs);
    const sum = rows[index];
    if (typeof sum === 'number') rows[index] = sum + Number(entry.rows);
    else if (index >= 0 && index < count) rows[index] = Number(entry.rows);
  }
  return rows;
}

/** Rows that came after a clock; null when the ledger does not reach back so far. */
export function rowsAfter(ledger: TableLedger, clock: string | null): bigint | null {
  const newer = ledger.entries.filter(
    ({ ingestedAt }) => ingestedAt !== null && (clock === null || ingestedAt > clock),
  );
  const isComplete = newer.length < ledger.entries.length || reachesRoot(ledger);
  return isComplete ? newer.reduce((sum, { rows }) => sum + rows, 0n) : null;
}

/** When rows came last; null when no entry with rows is left. */
export function lastRowsAt(ledger: TableLedger): string | null {
  for (const [entry, at] of commitTimes(ledger)) if (entry.rows > 0n) return new Date(at).toISOString();
  return null;
}

function knownSince(ledger: TableLedger): number {
  const oldest = ledger.ancestry.at(-1);
  return oldest === undefined || reachesRoot(ledger) ? 0 : Date.parse(oldest.committedAt);
}

/** Entries with their commit times, newest first. */
function commitTimes({ entries, ancestry }: TableLedger): readonly (readonly [LedgerEntry, number])[] {
  const times = new Map(ancestry.map((snapshot) => [snapshot.snapshotId, Date.parse(snapshot.committedAt)]));
  return entries.map((entry) => [entry, times.get(entry.snapshotId) ?? 0]);
}
