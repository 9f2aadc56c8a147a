import { describe, expect, test } from '@jest/globals';
import { gapsAsDeclared, offsetsWithinPosition, topicPosition } from '../../src/extract/checks.js';
import { spansOf } from '../../src/extract/span.js';
import { subjectOf, targetOf } from '../pipeline/targets.js';
import { at, clock, commit, ledgerOf, topicId } from '../trino/ledgers.js';

const first = commit({ id: '2', start: [], end: at(3, 2), clocks: [null, clock(1)], rows: 5 });
const withGaps = commit({
  id: '3',
  start: at(3, 2),
  end: at(10, 2),
  clocks: [clock(1), clock(2)],
  rows: 5,
  summary: { 'elt.gaps': '{"0":2}' },
});
const lossAccepted = commit({
  id: '4',
  start: at(10, 2),
  end: at(50, 2),
  clocks: [clock(2), clock(3)],
  summary: { 'elt.accepted-loss': '[]' },
});
const afterLoss = commit({ id: '5', start: at(50, 2), end: at(52, 2), clocks: [clock(3), clock(4)], rows: 2 });

const rowsOf = (...counts: [number, number, number, number][]) =>
  counts.map(([partition, n, from, to]) => {
    return {
      topic_id: topicId,
      partition: String(partition),
      n: String(n),
      first_offset: String(from),
      last_offset: String(to),
    };
  });

describe('gaps-as-declared', () => {
  const judge = (gaps: 'forbid' | 'allow', ...commits: (typeof first)[]) => {
    const target = targetOf('raw', ledgerOf(commits));
    return gapsAsDeclared.judge(target, subjectOf([target], { gaps }));
  };

  test('offsets are rows or gaps; a gap needs leave', () => {
    expect(judge('forbid', first).passed).toBe(true);
    expect(judge('allow', first, withGaps, lossAccepted, afterLoss)).toMatchObject({ passed: true });
    expect(judge('forbid', first, withGaps).actual).toContain('2 offsets without a record');
  });

  test('fails when a commit moved further than its rows', () => {
    const skipping = commit({ id: '3', start: at(3, 2), end: at(9, 2), clocks: [clock(1), clock(2)], rows: 5 });
    expect(judge('allow', first, skipping).actual).toBe('snapshot 3: 6 offsets, 5 rows and 0 gaps');
  });
});

describe('offsets-within-position', () => {
  const judge = (
    rows: ReturnType<typeof rowsOf>,
    ledger: ReturnType<typeof ledgerOf>,
    baseline: Parameters<typeof targetOf>[2] = null,
  ) => {
    const target = targetOf('raw', ledger, baseline);
    return offsetsWithinPosition.judge(rows, target, subjectOf([target]));
  };
  const all = ledgerOf([first, withGaps, lossAccepted, afterLoss]);

  test('passes for all rows, gaps and an accepted loss accounted for', () => {
    expect(judge(rowsOf([0, 10, 0, 51], [1, 2, 0, 1]), all)).toMatchObject({
      passed: true,
      actual: '12 rows, all inside',
    });
  });

  test('fails for a lost row, a whole lost partition, a row too many and a row outside', () => {
    expect(judge(rowsOf([0, 9, 0, 51], [1, 2, 0, 1]), all).actual).toContain('9 rows, expected 10');
    expect(judge(rowsOf([0, 10, 0, 51]), all).actual).toContain('partition 1: 0 rows, expected 2');
    expect(judge(rowsOf([0, 11, 0, 51], [1, 2, 0, 1]), all).passed).toBe(false);
    expect(judge(rowsOf([0, 10, 0, 52], [1, 2, 0, 1]), all).actual).toContain(
      'offsets 0 to 52, expected within 0 to 51',
    );
    expect(judge(rowsOf([0, 10, 0, 51], [1, 2, 0, 1], [7, 1, 0, 0]), all).actual).toContain(
      'partition 7: 1 rows, none expected',
    );
  });

  test('after a baseline only the new offsets count', () => {
    const baseline = { snapshotId: '4', committedAt: clock(0), ingestedAt: clock(3) };
    expect(judge(rowsOf([0, 2, 50, 51]), all, baseline).passed).toBe(true);
    expect(judge(rowsOf([0, 2, 49, 51]), all, baseline).passed).toBe(false);
  });

  test('with older commits expired, what is left is compared with the position', () => {
    const rest = ledgerOf([afterLoss], { firstParent: '4' });
    const verdict = judge(rowsOf([0, 10, 0, 51], [1, 2, 0, 1]), rest);
    expect(verdict.passed).toBe(true);
    expect(verdict.actual).toContain('42 offsets below the position have no row');
    expect(judge(rowsOf([0, 10, 0, 60], [1, 2, 0, 1]), rest).passed).toBe(false);
    expect(judge(rowsOf([1, 3, 0, 1]), rest).passed).toBe(false);
  });

  test('a chosen start is no span of rows', () => {
    const started = commit({
      id: '2',
      start: [],
      end: at(100),
      clocks: [null, clock(1)],
      summary: { 'elt.started-from': 'latest' },
    });
    const next = commit({ id: '3', start: at(100), end: at(104), clocks: [clock(1), clock(2)], rows: 4 });
    expect(spansOf(ledgerOf([started, next]).entries.toReversed())).toEqual([
      { topicId, partition: '0', from: 100n, to: 104n, read: 4n, gaps: 0n },
    ]);
  });
});

describe('topic-position', () => {
  const target = targetOf('raw', ledgerOf([first]));

  test('passes at and behind the end', () => {
    const offsets = { '0': { earliest: '0', end: '3' }, '1': { earliest: '0', end: '9' } };
    expect(topicPosition.judge(offsets, target)).toMatchObject({ passed: true, actual: '2 partitions, none ahead' });
  });

  test('fails ahead of the end and for a partition that is gone', () => {
    const verdict = topicPosition.judge({ '0': { earliest: '0', end: '1' } }, target);
    expect(verdict.actual).toContain('partition 0: position 3, but the topic ends at 1');
    expect(verdict.actual).toContain('partition 1: position 2, but the topic has no such partition');
  });
});
