import { describe, expect, test } from '@jest/globals';
import { rowsPerCommit } from '../../../src/pipeline/checks/rows-per-commit.js';
import { at, clock, commit, foreign, ledgerOf } from '../../trino/ledgers.js';
import { subjectOf, targetOf } from '../targets.js';

const claim = commit({ id: '1', start: null, end: [] });
const first = commit({ id: '2', start: [], end: at(3), clocks: [null, clock(2)], rows: 3 });
const second = commit({ id: '4', start: at(3), end: at(9), clocks: [clock(2), clock(4)], rows: 6 });
const rows = (...counts: [number, number][]) => counts.map(([second, n]) => ({ clock: clock(second), n: String(n) }));

function judge(role: 'raw' | 'silver', ledger: ReturnType<typeof ledgerOf>, counts: ReturnType<typeof rows>) {
  const target = targetOf(role, ledger);
  return rowsPerCommit.judge(counts, target, subjectOf([target]));
}

describe('rows-per-commit', () => {
  test('passes when every commit still has its rows, also where a commit covers several clocks', () => {
    const ledger = ledgerOf([claim, first, second]);
    expect(judge('raw', ledger, rows([2, 3], [4, 6])).passed).toBe(true);
    expect(judge('silver', ledger, rows([1, 1], [2, 2], [3, 5], [4, 1])).passed).toBe(true);
  });

  test('fails for a lost row, a doubled row, and rows of nobody’s clock', () => {
    const ledger = ledgerOf([claim, first, second]);
    expect(judge('raw', ledger, rows([2, 3], [4, 5])).actual).toBe('snapshot 4 added 6 rows, 5 are there');
    expect(judge('raw', ledger, rows([2, 4], [4, 6])).passed).toBe(false);
    expect(judge('raw', ledger, rows([4, 6])).actual).toBe('snapshot 2 added 3 rows, 0 are there');
    expect(judge('raw', ledger, rows([2, 3], [4, 6], [5, 1])).actual).toContain('which is no commit');
    expect(judge('raw', ledger, [...rows([2, 3], [4, 6]), { clock: null as unknown as string, n: '1' }]).passed).toBe(
      false,
    );
  });

  test('rows that were taken back or replaced are not looked for', () => {
    const back = commit({
      id: '5',
      start: at(9),
      end: at(3),
      clocks: [clock(4), clock(2)],
      summary: { 'elt.rolled-back-rows': '6' },
      operation: 'overwrite',
    });
    const again = commit({ id: '6', start: at(3), end: at(5), clocks: [clock(2), clock(6)], rows: 2 });
    expect(judge('silver', ledgerOf([claim, first, second, back]), rows([2, 3])).passed).toBe(true);
    expect(judge('silver', ledgerOf([claim, first, second, back, again]), rows([2, 3], [6, 2])).passed).toBe(true);
    const refresh = commit({
      id: '7',
      start: at(9),
      end: at(9),
      clocks: [clock(4), clock(7)],
      rows: 8,
      operation: 'overwrite',
    });
    expect(judge('silver', ledgerOf([claim, first, second, refresh]), rows([1, 4], [4, 4])).passed).toBe(true);
  });

  test('asks only for the commits whose snapshots are still there', () => {
    const expired = targetOf('raw', ledgerOf([second], { firstParent: '2' }));
    expect(rowsPerCommit.sql(expired, subjectOf([expired]))).toContain(
      "ingested_at > TIMESTAMP '2026-11-22 16:30:02.000000 UTC'",
    );
    const nothing = targetOf('raw', ledgerOf([foreign('9', 'replace', {})], { firstParent: '8' }));
    const properties = { 'elt.ingested-at': clock(9) };
    const mirrored = targetOf('raw', ledgerOf([foreign('9', 'replace', {})], { firstParent: '8', properties }));
    expect(rowsPerCommit.sql(nothing, subjectOf([nothing]))).toContain('WHERE TRUE AND TRUE');
    expect(rowsPerCommit.sql(mirrored, subjectOf([mirrored]))).toContain('16:30:09');
  });

  test('what a recovery found it accepted: only later commits are judged', () => {
    const recovered = commit({
      id: '5',
      start: at(9),
      end: at(9),
      clocks: [clock(4), clock(5)],
      summary: { 'elt.recovered-from': 'rows' },
    });
    const next = commit({ id: '6', start: at(9), end: at(10), clocks: [clock(5), clock(6)], rows: 1 });
    const ledger = ledgerOf([first, second, recovered, next]);
    const same = commit({
      id: '5',
      start: at(9),
      end: at(9),
      clocks: [clock(4), clock(4)],
      summary: { 'elt.recovered-from': 'rows' },
    });
    expect(judge('raw', ledgerOf([first, second, same]), rows([2, 3], [4, 5])).passed).toBe(false);
    expect(judge('raw', ledger, rows([6, 1])).passed).toBe(true);
    const target = targetOf('raw', ledger);
    expect(rowsPerCommit.sql(target, subjectOf([target]))).toContain("ingested_at > TIMESTAMP '2026-11-22 16:30:05");
  });
});
