import { describe, expect, test } from '@jest/globals';
import { positionsContiguous } from '../../../src/pipeline/checks/positions-contiguous.js';
import { at, clock, commit, foreign, ledgerOf } from '../../trino/ledgers.js';
import { subjectOf, targetOf } from '../targets.js';

const claim = commit({ id: '1', start: null, end: [] });
const first = commit({ id: '2', start: [], end: at(3), clocks: [null, clock(1)], rows: 3 });
const second = commit({ id: '4', start: at(3), end: at(9), clocks: [clock(1), clock(2)], rows: 6 });

function judge(ledger: ReturnType<typeof ledgerOf>, baseline: Parameters<typeof targetOf>[2] = null) {
  const target = targetOf('raw', ledger, baseline);
  return positionsContiguous.judge(target, subjectOf([target]));
}

describe('positions-contiguous', () => {
  test('passes for one line of commits, foreign snapshots in between', () => {
    expect(judge(ledgerOf([claim, first, foreign('3', 'replace', {}), second]))).toMatchObject({ passed: true });
  });

  test('fails when a commit is missing in the line', () => {
    const verdict = judge(ledgerOf([claim, second]));
    expect(verdict.passed).toBe(false);
    expect(verdict.actual).toContain('snapshot 4 starts at');
  });

  test('fails when the clock does not go on from the one before, or stands still', () => {
    const jump = commit({ id: '4', start: at(3), end: at(9), clocks: [clock(5), clock(6)], rows: 6 });
    expect(judge(ledgerOf([claim, first, jump])).actual).toContain('starts at clock');
    const still = commit({ id: '4', start: at(3), end: at(9), clocks: [clock(1), clock(1)], rows: 6 });
    expect(judge(ledgerOf([claim, first, still])).actual).toContain('moves the clock');
  });

  test('fails when an offset goes back', () => {
    const back = commit({ id: '4', start: at(3), end: at(2), clocks: [clock(1), clock(2)], rows: 1 });
    expect(judge(ledgerOf([claim, first, back])).actual).toContain('goes back');
  });

  test('a recovered position and rejects taken back may go back', () => {
    const recovered = commit({
      id: '4',
      start: at(9),
      end: at(2),
      clocks: [clock(1), clock(2)],
      summary: { 'elt.recovered-from': 'rows' },
    });
    expect(judge(ledgerOf([claim, first, recovered])).passed).toBe(true);
    const taken = commit({
      id: '4',
      start: at(3),
      end: [],
      clocks: [clock(1), null],
      summary: { 'elt.rolled-back-rows': '3' },
    });
    expect(judge(ledgerOf([claim, first, taken])).passed).toBe(true);
  });

  test('without the expired commits, and after a baseline, only the rest is judged', () => {
    expect(judge(ledgerOf([second], { firstParent: '2' })).passed).toBe(true);
    const wrong = commit({ id: '5', start: at(8), end: at(10), clocks: [clock(2), clock(3)], rows: 2 });
    const ledger = ledgerOf([claim, first, second, wrong]);
    expect(judge(ledger, { snapshotId: '4', committedAt: clock(0), ingestedAt: clock(2) }).passed).toBe(false);
    expect(judge(ledger, { snapshotId: '5', committedAt: clock(0), ingestedAt: clock(3) }).passed).toBe(true);
  });
});
