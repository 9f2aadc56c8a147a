import type { Snapshot } from '../../trino/ledger.js';
import { type LedgerCheck, newSnapshots, verdictOf } from '../check.js';

export const noForeignRows: LedgerCheck = {
  kind: 'ledger',
  name: 'no-foreign-rows',
  meaning: 'Nobody but the pipeline added rows. Compaction is fine; rows that others deleted are named.',
  on: ['raw', 'silver', 'rejects'],
  judge(target) {
    const foreign = newSnapshots(target).filter((snapshot) => snapshot.summary['elt.position'] === undefined);
    const added = foreign.filter((snapshot) => foreignRows(snapshot) !== 0n);
    const findings = added.map(
      (one) => `snapshot ${one.snapshotId} ${what(one)} ${foreignRows(one)} rows, by ${by(one)}`,
    );
    const deletes = foreign.filter((snapshot) => foreignRows(snapshot) === 0n && deletesRows(snapshot));
    const others = deletes.map((one) => `snapshot ${one.snapshotId} deleted rows, by ${by(one)}`);
    return verdictOf('0 rows by others', findings, ['0 rows by others', ...others].join('; '));
  },
};

/** Rows that somebody else brought: all of an INSERT or UPDATE; of a compaction only the difference, which must be 0. */
function foreignRows({ operation, summary }: Snapshot): bigint {
  const added = BigInt(summary['added-records'] ?? '0');
  if (operation !== 'replace') return added;
  const removed = BigInt(summary['deleted-records'] ?? '0');
  // A compaction also applies position deletes: fewer rows than before are deletes already named, more are new rows.
  return added > removed ? added - removed : 0n;
}

function what({ operation }: Snapshot): string {
  return operation === 'replace' ? 'is a compaction that brought' : `(${operation}) added`;
}

const deletions = ['deleted-records', 'added-position-deletes', 'added-equality-deletes'];

function deletesRows({ operation, summary }: Snapshot): boolean {
  return operation !== 'replace' && deletions.some((key) => BigInt(summary[key] ?? '0') > 0n);
}

function by({ committedAt, summary }: Snapshot): string {
  const writer = summary.trino_user ?? summary['spark.app.id'] ?? summary['engine-name'] ?? 'an unknown writer';
  return `${writer} at ${committedAt}`;
}
