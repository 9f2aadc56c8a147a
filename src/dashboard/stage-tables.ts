/** What the tables and the topic say of one stage. Pure. */
import { lagOf } from '../kafka/lag.js';
import type { Stage } from '../pipeline/run.js';
import type { TableLedger } from '../trino/ledger.js';
import { rowsAfter } from './ledger-sums.js';
import type { PipelineFacts } from './table-facts.js';

/** Undefined: not known; null: there is no such table. */
export function ledgerOfStage(stage: Stage, facts: PipelineFacts | undefined): TableLedger | null | undefined {
  if (facts === undefined || facts.trinoProblem !== null || stage === 'maintain') return undefined;
  return (stage === 'extract' ? facts.raw : facts.silver)?.ledger ?? null;
}

/** How long until Kafka may delete the first unread record. */
export function lossOf(stage: Stage, facts: PipelineFacts | undefined, now: Date) {
  const unread = stage === 'extract' ? (facts?.unread ?? null) : null;
  if (unread === null) return { timeToLossSeconds: null, isLostByAge: null };
  const { oldestAt, retentionMs } = unread;
  const isLostByAge = retentionMs !== null;
  if (oldestAt === null || retentionMs === null) return { timeToLossSeconds: null, isLostByAge };
  return { timeToLossSeconds: Math.max(0, Math.round((oldestAt + retentionMs - now.getTime()) / 1000)), isLostByAge };
}

/** EXTRACT: offsets not yet read. TRANSFORM: rows of RAW that are not in SILVER yet. Null: unknown. */
export function lagOfStage(stage: Stage, facts: PipelineFacts | undefined): string | null {
  if (facts === undefined || facts.trinoProblem !== null || stage === 'maintain') return null;
  if (stage === 'extract') {
    return facts.offsets === null ? null : lagOf(facts.raw?.ledger?.position ?? null, facts.offsets).total;
  }
  const raw = facts.raw?.ledger;
  return raw == null ? null : (rowsAfter(raw, facts.silver?.ledger?.ingestedAt ?? null)?.toString() ?? null);
}
