import type { QueryOptions, TrinoClient } from '../trino/client.js';
import type { TableLedger } from '../trino/ledger.js';
import { ledgerFrom, ledgerOf } from '../trino/ledger-queries.js';
import type { Baseline, Check, Declared, Role, Subject, Target } from './check.js';
import type { DataStage } from './run.js';

/** A stage whose tables are to be checked: what `elt.yaml` declares of it, and which checks apply. */
export interface StageUnderCheck {
  readonly stage: DataStage;
  readonly declared: Declared;
  /** `schema.table` by role. Those of `checked` are the stage's own; the others are there to be compared with. */
  readonly tables: Readonly<Record<Role, string | null>>;
  readonly checked: readonly Role[];
  /** The topic that RAW is read from; null for stages that read no topic. */
  readonly topic: string | null;
  readonly checks: readonly Check[];
}

export type Baselines = Readonly<Record<Role, Baseline | null>>;

export const noBaselines: Baselines = { raw: null, silver: null, rejects: null };

/**
 * Reads the ledgers of a stage's tables and pins their snapshots. In this order, while drivers may be running: SILVER before the rejects
 * and RAW, which are then at least as far as SILVER's clock. A ledger with a baseline is read from there on.
 */
export async function readSubject(
  trino: TrinoClient,
  { declared, checked, tables }: StageUnderCheck,
  baselines: Baselines,
  options: QueryOptions = {},
): Promise<Subject> {
  const target = async (role: Role): Promise<Target | null> => {
    const table = tables[role];
    if (table === null) return null;
    const baseline = baselines[role];
    const ledger = await ledgerSince(trino, table, baseline, options);
    return ledger === null ? null : { role, table, catalog: trino.catalog, ledger, baseline };
  };
  const silver = await target('silver');
  const rejects = await target('rejects');
  const raw = await target('raw');
  return { declared, checked, raw, silver, rejects };
}

/** What checks of the rows after the baseline need of the ledger; all of it without one. */
async function ledgerSince(
  trino: TrinoClient,
  table: string,
  baseline: Baseline | null,
  options: QueryOptions,
): Promise<TableLedger | null> {
  if (baseline === null || baseline.committedAt === null) return await ledgerOf(trino, table, options);
  const { snapshotId, committedAt } = baseline;
  return await ledgerFrom(trino, table, { snapshotId, committedAt }, options);
}
