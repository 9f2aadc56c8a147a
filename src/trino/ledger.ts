import { type Position, parsePosition } from '../commons/position.js';

/** One Iceberg snapshot as Trino's `"t$snapshots"` shows it. 64-bit ids are strings. */
export interface Snapshot {
  readonly snapshotId: string;
  readonly parentId: string | null;
  readonly committedAt: string;
  /** `append`, `replace` (compaction), `overwrite` or `delete`. */
  readonly operation: string;
  readonly summary: Readonly<Record<string, string>>;
}

/** What a snapshot says of the table's progress. Clocks are ISO 8601 UTC with microseconds, so they sort as text. */
export interface LedgerEntry {
  readonly snapshotId: string;
  readonly runId: string;
  readonly pipeline: string;
  readonly stage: string;
  readonly commitId: string;
  readonly claim: string;
  readonly start: Position | null;
  readonly position: Position;
  readonly startIngestedAt: string | null;
  /** Null before the first rows. */
  readonly ingestedAt: string | null;
  readonly rows: bigint;
  /** Offset span minus rows, per Kafka partition; absent means 0. */
  readonly gaps: Readonly<Record<string, bigint>>;
  /** The snapshot's operation: `append`, or `overwrite` and `delete` where the ledger itself took rows back. */
  readonly operation: string;
  /** Every key of the summary, for notes such as `elt.accepted-loss`. */
  readonly summary: Readonly<Record<string, string>>;
}

/** A table's snapshots, its current line of them and what they say together. */
export interface TableLedger {
  readonly currentSnapshotId: string | null;
  /** From the newest to the oldest that is still there (or was read), along `parent_id` from the current snapshot. */
  readonly ancestry: readonly Snapshot[];
  /** Every snapshot that is still there, also those a rollback left aside; of a ledger read from a mark, those that were read. */
  readonly snapshots: readonly Snapshot[];
  /** The entries of the ancestry, newest first. */
  readonly entries: readonly LedgerEntry[];
  readonly newest: LedgerEntry | null;
  /** The newest entry's position; from the mirrored properties when its snapshot has expired. Null: nothing was written. */
  readonly position: Position | null;
  /** As `position`: the table's clock. */
  readonly ingestedAt: string | null;
  readonly properties: Readonly<Record<string, string>>;
  /** Records in the current snapshot, as Iceberg counts them; null when its summary does not say. */
  readonly totalRecords: bigint | null;
  readonly released: { readonly claim: string; readonly state: string } | null;
}

/** Builds the ledger from what Trino returned: pure. */
export function tableLedger(
  currentSnapshotId: string | null,
  snapshots: readonly Snapshot[],
  properties: Readonly<Record<string, string>>,
): TableLedger {
  const ancestry = ancestryOf(currentSnapshotId, snapshots);
  const entries = ancestry.map(ledgerEntry).filter((entry) => entry !== null);
  return {
    currentSnapshotId,
    ancestry,
    snapshots,
    entries,
    newest: entries[0] ?? null,
    position: entries[0]?.position ?? parsePosition(properties['elt.position']),
    ingestedAt: entries.length > 0 ? (entries[0]?.ingestedAt ?? null) : clock(properties['elt.ingested-at']),
    properties,
    totalRecords: totalRecords(ancestry[0]),
    released: released(properties['elt.released']),
  };
}

/** Snapshots along `parent_id`, newest first; ends where a parent has expired. */
export function ancestryOf(snapshotId: string | null, snapshots: readonly Snapshot[]): Snapshot[] {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]));
  const ancestry: Snapshot[] = [];
  for (let id = snapshotId; id !== null; ) {
    const snapshot = byId.get(id);
    if (snapshot === undefined) break;
    byId.delete(id);
    ancestry.push(snapshot);
    id = snapshot.parentId;
  }
  return ancestry;
}

/** The ledger entry of a snapshot, or null when it carries no position (a foreign commit or a compaction). */
export function ledgerEntry({ snapshotId, operation, summary }: Snapshot): LedgerEntry | null {
  const position = parsePosition(summary['elt.position']);
  if (position === null) return null;
  return {
    snapshotId,
    runId: summary['elt.run-id'] ?? '',
    pipeline: summary['elt.pipeline'] ?? '',
    stage: summary['elt.stage'] ?? '',
    commitId: summary['elt.commit-id'] ?? '',
    claim: summary['elt.claim'] ?? '',
    start: parsePosition(summary['elt.start-position']),
    position,
    startIngestedAt: clock(summary['elt.start-ingested-at']),
    ingestedAt: clock(summary['elt.ingested-at']),
    rows: BigInt(summary['elt.rows'] ?? '0'),
    gaps: parseGaps(summary['elt.gaps']),
    operation,
    summary,
  };
}

function clock(value: string | undefined): string | null {
  return value === undefined || value === '' || value === 'null' ? null : value;
}

function parseGaps(json: string | undefined): Record<string, bigint> {
  if (json === undefined || json === '') return {};
  const gaps = Object.entries(JSON.parse(json) as Record<string, string | number>);
  return Object.fromEntries(gaps.map(([partition, count]) => [partition, BigInt(count)]));
}

function totalRecords(current: Snapshot | undefined): bigint | null {
  const total = current?.summary['total-records'];
  return total === undefined ? null : BigInt(total);
}

/** `elt.released = CLAIM:STATE`: how the attempt ended that claimed the table so. */
function released(value: string | undefined): TableLedger['released'] {
  const match = /^([^:]+):([a-z]+)$/.exec(value ?? '');
  return match === null ? null : { claim: match[1] as string, state: match[2] as string };
}
