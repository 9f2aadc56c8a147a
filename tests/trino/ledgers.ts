/** Ledgers for tests: a line of snapshots as drivers write them. */
import { formatPosition, type Position } from '../../src/commons/position.js';
import type { Row } from '../../src/trino/client.js';
import { type Snapshot, type TableLedger, tableLedger } from '../../src/trino/ledger.js';

export const topicId = 'topic-A';

/** `at(3, 5)`: partition 0 at offset 3, partition 1 at 5. */
export function at(...offsets: number[]): Position {
  return [{ topicId, offsets: Object.fromEntries(offsets.map((next, index) => [index, String(next)])), closed: false }];
}

/** `clock(7)`: seven seconds past. */
export function clock(second: number): string {
  return `2026-11-22T16:30:${String(second).padStart(2, '0')}.000000Z`;
}

export interface CommitSpec {
  readonly id: string;
  readonly start: Position | null;
  readonly end: Position;
  readonly clocks?: readonly [string | null, string | null];
  readonly rows?: number;
  readonly operation?: string;
  readonly summary?: Record<string, string>;
}

/** A snapshot of ours. */
export function commit({
  id,
  start,
  end,
  clocks = [null, null],
  rows = 0,
  ...more
}: CommitSpec): Omit<Snapshot, 'parentId'> {
  const [from, to] = clocks;
  return {
    snapshotId: id,
    committedAt: clock(0),
    operation: more.operation ?? 'append',
    summary: {
      'elt.run-id': 'run-1',
      'elt.pipeline': 'numbers',
      'elt.stage': 'extract',
      'elt.commit-id': `commit-${id}`,
      'elt.claim': 'run-1',
      'elt.start-position': formatPosition(start),
      'elt.position': formatPosition(end),
      ...(from === null ? {} : { 'elt.start-ingested-at': from }),
      ...(to === null ? {} : { 'elt.ingested-at': to }),
      'elt.rows': String(rows),
      'elt.gaps': '{}',
      'added-records': String(rows),
      ...more.summary,
    },
  };
}

/** A snapshot of somebody else. */
export function foreign(id: string, operation: string, summary: Record<string, string>): Omit<Snapshot, 'parentId'> {
  return { snapshotId: id, committedAt: clock(0), operation, summary: { trino_user: 'mallory', ...summary } };
}

/** Oldest first, each the child of the one before. `firstParent` other than null: older snapshots have expired. */
export function ledgerOf(
  snapshots: readonly Omit<Snapshot, 'parentId'>[],
  options: { firstParent?: string | null; properties?: Record<string, string>; current?: string } = {},
): TableLedger {
  const linked = snapshots.map((snapshot, index) => {
    return {
      ...snapshot,
      parentId: index === 0 ? (options.firstParent ?? null) : (snapshots[index - 1]?.snapshotId ?? null),
    };
  });
  const newest = linked.findLast((snapshot) => 'elt.position' in snapshot.summary)?.summary;
  const mirrored: Record<string, string> =
    newest === undefined
      ? {}
      : {
          'elt.commit-id': newest['elt.commit-id'] ?? '',
          'elt.position': newest['elt.position'] ?? '',
          'elt.ingested-at': newest['elt.ingested-at'] ?? '',
        };
  const properties = { 'write.parquet.compression-codec': 'snappy', ...mirrored, ...options.properties };
  return tableLedger(options.current ?? linked.at(-1)?.snapshotId ?? null, linked, properties);
}

/** What Trino answers to `ledgerSql` for such a table. */
export function rowsOf({ snapshots, currentSnapshotId, properties }: TableLedger): Row[] {
  return [
    ...Object.entries(properties).map(([id, value]) => ({ kind: 'property', id, value })),
    { kind: 'current', id: currentSnapshotId },
    ...snapshots.map(({ snapshotId, parentId, committedAt, operation, summary }) => {
      const entry = { kind: 'snapshot', id: snapshotId, parent_id: parentId, committed_at: committedAt, operation };
      return { ...entry, value: JSON.stringify(summary) };
    }),
  ];
}
