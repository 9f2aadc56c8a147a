import type { QueryOptions, Row, TrinoClient } from './client.js';
import { isTableMissing } from './failure.js';
import { type Snapshot, type TableLedger, tableLedger } from './ledger.js';
import { qualified } from './sql.js';

/** A snapshot of a table's history to read from. */
export interface Mark {
  readonly snapshotId: string;
  /** ISO 8601, as Trino shows it. */
  readonly committedAt: string;
}

/** Iceberg takes a snapshot whose clock is so far behind the one before. */
const clockTolerance = "INTERVAL '1' MINUTE";

/**
 * One statement for the whole ledger: Trino reads a table's metadata once per statement, so snapshots, the current one
 * and the properties belong together even while a run commits. Reads metadata only, no data file.
 * `from`: only the snapshots that can follow one committed then, and itself.
 */
export function ledgerSql(catalog: string, table: string, from: string | null = null): string {
  return [
    `SELECT 'property' AS kind, key AS id, NULL AS parent_id, NULL AS committed_at, NULL AS operation, value`,
    `FROM ${qualified(catalog, table, '$properties')}`,
    `UNION ALL SELECT 'current', CAST(snapshot_id AS varchar), NULL, NULL, NULL, NULL`,
    `FROM ${qualified(catalog, table, '$refs')} WHERE name = 'main'`,
    `UNION ALL SELECT 'snapshot', CAST(snapshot_id AS varchar), CAST(parent_id AS varchar), to_iso8601(committed_at), operation,`,
    `json_format(CAST(summary AS json)) FROM ${qualified(catalog, table, '$snapshots')}`,
    ...(from === null ? [] : [`WHERE committed_at >= from_iso8601_timestamp('${from}') - ${clockTolerance}`]),
  ].join(' ');
}

/** What a table's snapshots and properties say of its progress; null when there is no such table. */
export async function ledgerOf(
  trino: TrinoClient,
  table: string,
  options: QueryOptions = {},
  from: string | null = null,
): Promise<TableLedger | null> {
  try {
    return ledgerFromRows(await trino.query(ledgerSql(trino.catalog, table, from), options));
  } catch (error) {
    if (isTableMissing(error)) return null;
    throw error;
  }
}

/**
 * The ledger from `mark` on, with the mark and the entry that was the newest there; the whole one when that cannot be had so (the
 * mark has expired or was rolled back, or what followed it were commits of others only). Null when there is no such table.
 */
export async function ledgerFrom(
  trino: TrinoClient,
  table: string,
  mark: Mark,
  options: QueryOptions = {},
): Promise<TableLedger | null> {
  const recent = await ledgerOf(trino, table, options, mark.committedAt);
  return recent === null || hasEntryAt(recent, mark.snapshotId) ? recent : await ledgerOf(trino, table, options);
}

/** Whether the history shown has the snapshot, and a ledger entry there or before. */
function hasEntryAt({ ancestry }: TableLedger, snapshotId: string): boolean {
  const upTo = ancestry.findIndex((snapshot) => snapshot.snapshotId === snapshotId);
  return upTo >= 0 && ancestry.slice(upTo).some(({ summary }) => 'elt.position' in summary);
}

/** The snapshots after `snapshotId` up to the current one, newest first; null when `snapshotId` is no ancestor any more (expired or rolled back). */
export async function snapshotsSince(
  trino: TrinoClient,
  table: string,
  snapshotId: string,
  options: QueryOptions = {},
): Promise<readonly Snapshot[] | null> {
  const ledger = await ledgerOf(trino, table, options);
  return ledger === null ? null : since(ledger, snapshotId);
}

/** As `snapshotsSince`, of a ledger already read. */
export function since(ledger: TableLedger, snapshotId: string): readonly Snapshot[] | null {
  const end = ledger.ancestry.findIndex((snapshot) => snapshot.snapshotId === snapshotId);
  return end < 0 ? null : ledger.ancestry.slice(0, end);
}

/** Builds the ledger from the rows of `ledgerSql`. */
export function ledgerFromRows(rows: readonly Row[]): TableLedger {
  const of = (kind: string) => rows.filter((row) => row.kind === kind);
  const current = of('current')[0]?.id as string | undefined;
  const properties = of('property').map((row) => [row.id, row.value] as [string, string]);
  return tableLedger(current ?? null, of('snapshot').map(snapshot), Object.fromEntries(properties));
}

function snapshot(row: Row): Snapshot {
  return {
    snapshotId: row.id as string,
    parentId: row.parent_id as string | null,
    committedAt: row.committed_at as string,
    operation: row.operation as string,
    summary: JSON.parse(row.value as string) as Record<string, string>,
  };
}
