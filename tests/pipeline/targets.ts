import type { Baseline, Declared, Role, Subject, Target } from '../../src/pipeline/check.js';
import type { TableLedger } from '../../src/trino/ledger.js';

export function targetOf(role: Role, ledger: TableLedger, baseline: Baseline | null = null): Target {
  const tables = { raw: 'raw.numbers', silver: 'silver.numbers', rejects: 'silver.numbers_rejects' };
  return { role, table: tables[role], catalog: 'lakehouse', ledger, baseline };
}

export const numbersSql = `-- comment, with a comma
SELECT integer_from_text(kafka_value) AS number, number_to_french(integer_from_text(kafka_value)) AS words FROM raw`;

export function subjectOf(targets: readonly Target[], declared: Partial<Declared> = {}): Subject {
  const of = (role: Role) => targets.find((target) => target.role === role) ?? null;
  return {
    declared: { pipeline: 'numbers', gaps: 'forbid', sql: numbersSql, ...declared },
    checked: targets.map((target) => target.role),
    raw: of('raw'),
    silver: of('silver'),
    rejects: of('rejects'),
  };
}
