import type { Check } from '../check.js';
import { addedRecords } from './added-records.js';
import { codecSnappy } from './codec-snappy.js';
import { ledgerIntact } from './ledger-intact.js';
import { noDuplicateLineage } from './no-duplicate-lineage.js';
import { noForeignRows } from './no-foreign-rows.js';
import { partitionsAsDeclared } from './partitions-as-declared.js';
import { positionsContiguous } from './positions-contiguous.js';
import { rowsPerCommit } from './rows-per-commit.js';

/** What holds for RAW, SILVER and rejects alike. The stages add their own: `extract/checks.ts`, `transform/checks.ts`. */
export const tableChecks: readonly Check[] = [
  ledgerIntact,
  positionsContiguous,
  addedRecords,
  rowsPerCommit,
  noForeignRows,
  noDuplicateLineage,
  partitionsAsDeclared,
  codecSnappy,
];
