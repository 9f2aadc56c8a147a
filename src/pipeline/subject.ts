import type { QueryOptions, TrinoClient } from '../trino/client.js';
import { ledgerOf } from '../trino/ledger-queries.js';
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
 * and RAW, which are then at least as far as SILVER's clock.
 */
export async function readSubject(
  trino: TrinoClient,
  { declared, checked, tables }: StageUnderCheck,
  baselines: Baselines,
  options: QueryOptions = {},
): Promise<Subject> {
  const target = async (role: Role): Promise<Target | null> => {
    const table = tables[role];
    const ledger = table === null ? null : await ledgerOf(trino, table, options);
    if (table === null || ledger === null) return null;
    return { role, table, catalog: trino.catalog, ledger, baseline: baselines[role] };
  };
  const silver = await target('silver');
  const rejects = await target('rejects');
  const raw = await target('raw');
  return { declared, checked, raw, silver, rejects };
}
