import { expect, test } from '@jest/globals';
import { addedRecords } from '../../../src/pipeline/checks/added-records.js';
import { at, clock, commit, ledgerOf } from '../../trino/ledgers.js';
import { subjectOf, targetOf } from '../targets.js';

test('added-records compares Iceberg’s count with elt.rows', () => {
  const first = commit({ id: '2', start: [], end: at(3), clocks: [null, clock(1)], rows: 3 });
  const judge = (...commits: (typeof first)[]) => {
    const target = targetOf('raw', ledgerOf(commits));
    return addedRecords.judge(target, subjectOf([target]));
  };
  expect(judge(first)).toMatchObject({ passed: true, actual: '3 rows in 1 ledger commits' });
  const lying = commit({ id: '3', start: at(3), end: at(5), rows: 2, summary: { 'added-records': '1' } });
  expect(judge(first, lying)).toMatchObject({ passed: false, actual: 'snapshot 3 added 1 records, elt.rows says 2' });

  const back = (added: string, deleted: string) => {
    const summary = { 'elt.rolled-back-rows': '2', 'added-records': added, 'deleted-records': deleted };
    return commit({ id: '3', start: at(3), end: at(1), operation: 'overwrite', summary });
  };
  expect(judge(first, back('1', '3')).passed).toBe(true);
  expect(judge(first, back('2', '3')).passed).toBe(false);
});
