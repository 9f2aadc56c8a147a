/**
 * What a check is. A check is one small object: its name, what it means, the statement that asks Trino (pure) and the verdict on
 * the answer (pure). `run-checks.ts` acts. To add one: write the object in the `checks.ts` of its stage, and put it into the list there.
 */
import type { TopicOffsets } from '../kafka/lag.js';
import type { Row } from '../trino/client.js';
import type { LedgerEntry, Snapshot, TableLedger } from '../trino/ledger.js';
import { since } from '../trino/ledger-queries.js';
import { atSnapshot, clockRange, qualified } from '../trino/sql.js';

export type Role = 'raw' | 'silver' | 'rejects';

/** A table under check, pinned to the snapshot that was current when checking began, so that running drivers do not disturb it. */
export interface Target {
  readonly role: Role;
  /** `schema.table`. */
  readonly table: string;
  readonly catalog: string;
  readonly ledger: TableLedger;
  /** The last verified state: only what came after it is checked. Null: everything is. */
  readonly baseline: Baseline | null;
}

/** The last verified state of a table. */
export interface Baseline {
  readonly snapshotId: string;
  /** When it was committed, ISO 8601; null in one of an older version. */
  readonly committedAt: string | null;
  /** The table's clock there; null before the first rows. */
  readonly ingestedAt: string | null;
}

/** What the pipeline declares, as far as checks need it. */
export interface Declared {
  readonly pipeline: string;
  readonly gaps: 'forbid' | 'allow';
  /** The text of the pipeline's SQL; null without a transform stage. */
  readonly sql: string | null;
}

/** The tables of one stage of a pipeline; null where a table does not exist (yet). */
export interface Subject {
  readonly declared: Declared;
  /** The tables of the stage under check; the others are there to be compared with. */
  readonly checked: readonly Role[];
  readonly raw: Target | null;
  readonly silver: Target | null;
  readonly rejects: Target | null;
}

export interface Verdict {
  readonly passed: boolean;
  readonly expected: string;
  readonly actual: string;
}

interface CheckBase {
  /** Stable, kebab-case; what people and scripts call it. */
  readonly name: string;
  /** One sentence: what holds when it passes. */
  readonly meaning: string;
  /** The tables it looks at; one result for each. */
  readonly on: readonly Role[];
}

/** Judges the snapshots and properties, which are read once for all such checks. */
export interface LedgerCheck extends CheckBase {
  readonly kind: 'ledger';
  judge(target: Target, subject: Subject): Verdict;
}

/** Asks Trino something. */
export interface RowsCheck extends CheckBase {
  readonly kind: 'rows';
  /** One statement; null where the check does not apply. */
  sql(target: Target, subject: Subject): string | null;
  judge(rows: readonly Row[], target: Target, subject: Subject): Verdict;
}

/** Compares the ledger with the topic's offsets. */
export interface TopicCheck extends CheckBase {
  readonly kind: 'topic';
  judge(offsets: TopicOffsets, target: Target): Verdict;
}

export type Check = LedgerCheck | RowsCheck | TopicCheck;

/** One line of `elt validate`. `error`: it could not be answered. */
export interface CheckResult {
  readonly name: string;
  readonly table: string;
  readonly verdict: 'pass' | 'fail' | 'error';
  readonly expected: string;
  readonly actual: string;
  readonly durationMs: number;
  readonly sql: string;
}

const clockColumns: Record<Role, string> = {
  raw: 'ingested_at',
  silver: 'raw_ingested_at',
  rejects: 'raw_ingested_at',
};

/** RAW's commit clock as the role's table calls it. */
export function clockColumn(role: Role): string {
  return clockColumns[role];
}

/** `FROM` and `WHERE` of the target's rows, only those after the baseline and, if given, up to a clock. */
export function rowsOf(target: Target, upTo: string | null = null): string {
  const { catalog, table, ledger, role, baseline } = target;
  if (ledger.currentSnapshotId === null) return `FROM ${qualified(catalog, table)} WHERE FALSE`;
  const range = clockRange(clockColumn(role), baseline?.ingestedAt ?? null, upTo);
  return `FROM ${atSnapshot(catalog, table, ledger.currentSnapshotId)} WHERE ${range}`;
}

/** Ledger entries after the baseline, oldest first; all that are still there without one. */
export function newEntries(target: Target): readonly LedgerEntry[] {
  const ids = new Set(newSnapshots(target).map((snapshot) => snapshot.snapshotId));
  return target.ledger.entries.filter((entry) => ids.has(entry.snapshotId)).toReversed();
}

/** Snapshots after the baseline, newest first; all that are still there without one. */
export function newSnapshots({ ledger, baseline }: Target): readonly Snapshot[] {
  return baseline === null ? ledger.ancestry : (since(ledger, baseline.snapshotId) ?? ledger.ancestry);
}

export function pass(expected: string, actual: string): Verdict {
  return { passed: true, expected, actual };
}

export function fail(expected: string, actual: string): Verdict {
  return { passed: false, expected, actual };
}

/** Passes when nothing was found wrong; otherwise shows the first few findings and how many there are. */
export function verdictOf(expected: string, findings: readonly string[], fine: string): Verdict {
  if (findings.length === 0) return pass(expected, fine);
  const shown = findings.slice(0, 5).join('; ');
  return fail(expected, findings.length > 5 ? `${shown}; and ${findings.length - 5} more` : shown);
}
