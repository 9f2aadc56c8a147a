import { type LedgerCheck, newEntries, verdictOf } from '../check.js';

export const addedRecords: LedgerCheck = {
  kind: 'ledger',
  name: 'added-records',
  meaning: 'Every ledger commit added as many records (Iceberg’s count) as it says (elt.rows).',
  on: ['raw', 'silver', 'rejects'],
  judge(target) {
    const entries = newEntries(target);
    const findings = entries
      .filter((entry) => BigInt(entry.summary['added-records'] ?? '0') !== entry.rows)
      .map(({ snapshotId, summary, rows }) => {
        return `snapshot ${snapshotId} added ${summary['added-records'] ?? '0'} records, elt.rows says ${rows}`;
      });
    const rows = entries.reduce((sum, entry) => sum + entry.rows, 0n);
    return verdictOf('added-records = elt.rows', findings, `${rows} rows in ${entries.length} ledger commits`);
  },
};
