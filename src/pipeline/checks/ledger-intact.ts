import { formatPosition } from '../../commons/position.js';
import type { TableLedger } from '../../trino/ledger.js';
import { fail, type LedgerCheck, pass, type Verdict } from '../check.js';
import { reachesRoot } from '../ledger-facts.js';

export const ledgerIntact: LedgerCheck = {
  kind: 'ledger',
  name: 'ledger-intact',
  meaning:
    'The table was neither rolled back nor replaced nor filled by hand: its properties and its snapshots name the same commit.',
  on: ['raw', 'silver', 'rejects'],
  judge: ({ ledger }) => intactness(ledger),
};

/** Whether a table's ledger can be trusted: what a driver decides before it reads or writes. */
export function intactness(ledger: TableLedger): Verdict {
  const mirrored = ledger.properties['elt.commit-id'];
  if (mirrored === undefined) return withoutMirror(ledger);
  return ledger.newest === null ? onlyMirror(ledger, mirrored) : both(ledger, mirrored);
}

const expected = 'properties and newest ledger commit agree';

/** The rules are `elt.ledger.Ledger`'s: what stops a driver fails here. */
function both({ newest, properties }: TableLedger, mirrored: string): Verdict {
  if (newest?.commitId === mirrored) return pass(expected, `commit ${mirrored}`);
  const position = formatPosition(newest?.position ?? null);
  return fail(
    `commit ${mirrored} at ${properties['elt.position']}`,
    `commit ${newest?.commitId} at ${position}: the table was rolled back`,
  );
}

function onlyMirror(ledger: TableLedger, mirrored: string): Verdict {
  const records = BigInt(ledger.properties['elt.total-records'] ?? '0');
  if (ledger.currentSnapshotId === null)
    return fail(`commit ${mirrored}`, 'no snapshot at all: the table was replaced');
  if (reachesRoot(ledger)) return fail(`commit ${mirrored}`, 'a history without it: the table was replaced');
  if (ledger.totalRecords !== null && ledger.totalRecords < records) {
    return fail(
      `at least ${records} records`,
      `${ledger.totalRecords} records: rolled back, or rows deleted by others`,
    );
  }
  return pass(expected, `commit ${mirrored}; its snapshot has expired`);
}

function withoutMirror(ledger: TableLedger): Verdict {
  if (ledger.newest !== null) return fail('elt.* table properties', 'none: somebody removed them');
  const aside = ledger.snapshots.filter((snapshot) => 'elt.position' in snapshot.summary).length;
  if (aside > 0) return fail(expected, `${aside} ledger commits lie outside the table's history: it was replaced`);
  const records = ledger.totalRecords ?? 0n;
  if (ledger.currentSnapshotId !== null && records > 0n) {
    return fail('a position beside the rows', `${records} records and no position: filled by others`);
  }
  return pass(expected, 'nothing was written yet');
}
