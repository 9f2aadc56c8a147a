import { describe, expect, test } from '@jest/globals';
import { noDuplicateLineage } from '../../../src/pipeline/checks/no-duplicate-lineage.js';
import { at, clock, commit, ledgerOf } from '../../trino/ledgers.js';
import { subjectOf, targetOf } from '../targets.js';

const ledger = ledgerOf([commit({ id: '2', start: [], end: at(3), clocks: [null, clock(1)], rows: 3 })]);
const silver = targetOf('silver', ledger, { snapshotId: '2', committedAt: clock(0), ingestedAt: clock(1) });
const rejects = targetOf('rejects', ledger);

describe('no-duplicate-lineage', () => {
  test('SILVER is searched together with the rejects, in the same new range', () => {
    const sql = noDuplicateLineage.sql(silver, subjectOf([silver, rejects])) ?? '';
    expect(sql).toContain('"numbers" FOR VERSION AS OF 2 WHERE raw_ingested_at >');
    expect(sql).toContain('"numbers_rejects" FOR VERSION AS OF 2 WHERE raw_ingested_at >');
    expect(noDuplicateLineage.sql(rejects, subjectOf([silver, rejects]))).not.toContain('UNION');
  });

  test('any block with more rows than offsets fails and is named', () => {
    const judge = (rows: Record<string, unknown>[]) => noDuplicateLineage.judge(rows, silver, subjectOf([silver]));
    expect(judge([]).passed).toBe(true);
    const block = { topic_id: 'A', partition: 1, first_offset: '64', last_offset: '127', n: '65', distinct_n: '64' };
    expect(judge([block]).actual).toBe('topic id A partition 1 offsets 64-127: 65 rows of 64 records');
  });
});
