import type { LedgerEntry } from '../../trino/ledger.js';
import { type LedgerCheck, newEntries, verdictOf } from '../check.js';
import { takesBack } from '../ledger-facts.js';

export const addedRecords: LedgerCheck = {
  kind: 'ledger',
  name: 'added-records',
  meaning: 'Every ledger commit added as many records (Iceberg’s count) as it says (elt.rows).',
  on: ['raw', 'silver', 'rejects'],
  judge(target) {
    const entries = newEntries(target);
    const findings = entries
      .filter((entry) => newRecords(entry) !== entry.rows)
      .map((entry) => `snapshot ${entry.snapshotId} added ${newRecords(entry)} records, elt.rows says ${entry.rows}`);
    const rows = entries.reduce((sum, entry) => sum + entry.rows, 0n);
    return verdictOf('added-records = elt.rows', findings, `${rows} rows in ${entries.length} ledger commits`);
  },
};

/** Taking rows back may write a file anew without them: as many records leave with the old file, and those taken back as well. */
function newRecords(entry: LedgerEntry): bigint {
  const count = (key: string) => BigInt(entry.summary[key] ?? '0');
  if (!takesBack(entry)) return count('added-records');
  const surplus = count('added-records') + count('elt.rolled-back-rows') - count('deleted-records');
  return surplus > 0n ? surplus : 0n;
}
