import { describe, expect, test } from '@jest/globals';
import { noForeignRows } from '../../../src/pipeline/checks/no-foreign-rows.js';
import { at, clock, commit, foreign, ledgerOf } from '../../trino/ledgers.js';
import { subjectOf, targetOf } from '../targets.js';

const first = commit({ id: '2', start: [], end: at(3), clocks: [null, clock(1)], rows: 3 });

function judge(operation: string, summary: Record<string, string>) {
  const target = targetOf('raw', ledgerOf([first, foreign('3', operation, summary)]));
  return noForeignRows.judge(target, subjectOf([target]));
}

describe('no-foreign-rows', () => {
  test('fails for an INSERT and an UPDATE by others, and names them', () => {
    expect(judge('append', { 'added-records': '1' })).toMatchObject({ passed: false });
    expect(judge('append', { 'added-records': '1' }).actual).toBe(
      `snapshot 3 (append) added 1 rows, by mallory at ${clock(0)}`,
    );
    expect(judge('overwrite', { 'added-records': '2', 'added-position-deletes': '2' }).passed).toBe(false);
  });

  test('compaction passes unless it brings rows', () => {
    expect(judge('replace', { 'added-records': '3', 'deleted-records': '3' })).toMatchObject({ passed: true });
    expect(judge('replace', { 'added-records': '3', 'deleted-records': '4' })).toMatchObject({ passed: true });
    expect(judge('replace', { 'added-records': '4', 'deleted-records': '3' }).passed).toBe(false);
  });

  test('deletes by others pass here but are named', () => {
    const verdict = judge('delete', { 'deleted-records': '1' });
    expect(verdict.passed).toBe(true);
    expect(verdict.actual).toContain('snapshot 3 deleted rows, by mallory');
  });
});
