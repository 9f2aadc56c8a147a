import { describe, expect, test } from '@jest/globals';
import { isCaughtUp, longestPauseMs } from '../../src/drill/recovery.js';
import { tableLedger } from '../../src/trino/ledger.js';

const second = (count: number) => new Date(Date.UTC(2026, 10, 22, 21, 0, count));
const clock = (count: number) => second(count).toISOString().replace('Z', '000Z');

/** A table whose commits came at these seconds; each moved the position of partition 0 to ten times its second. */
function ledger(...at: number[]) {
  const snapshots = at.map((seconds, index) => ({
    snapshotId: String(index),
    parentId: index === 0 ? null : String(index - 1),
    committedAt: second(seconds).toISOString(),
    operation: 'append',
    summary: {
      'elt.position': JSON.stringify([{ topicId: 't', offsets: { 0: String(10 * seconds) }, closed: false }]),
      'elt.rows': '10',
      'elt.ingested-at': clock(seconds),
    },
  }));
  return tableLedger(String(at.length - 1), snapshots, {});
}

describe('recovery', () => {
  const since = second(10).getTime();

  test('both tables must have every record up to the goal, and a commit since', () => {
    const goal = new Map([[0, 50]]);
    expect(isCaughtUp(ledger(1, 5, 11), ledger(5, 11), goal, since)).toBe(true);
    expect(isCaughtUp(ledger(1, 4, 11), ledger(5, 11), goal, since)).toBe(true);
    expect(isCaughtUp(ledger(1, 4, 11), ledger(5, 10), goal, since)).toBe(false);
    expect(isCaughtUp(ledger(1, 5), ledger(5, 11), goal, since)).toBe(false);
    expect(isCaughtUp(ledger(1, 11), ledger(1, 2), new Map([[0, 110]]), since)).toBe(false);
    expect(isCaughtUp(ledger(1, 11), ledger(1, 11), new Map([[0, 111]]), since)).toBe(false);
    expect(isCaughtUp(ledger(1, 11), ledger(1, 11), new Map([[1, 1]]), since)).toBe(false);
  });

  test('before anything has a clock nothing is caught up', () => {
    expect(isCaughtUp(ledger(), ledger(), new Map(), 0)).toBe(false);
  });

  test('the longest pause is counted from the last commit before to the first after', () => {
    const times = { beganAt: second(10).getTime(), endedAt: second(14).getTime() };
    expect(longestPauseMs(ledger(1, 9, 12, 16, 30), times)).toBe(4_000);
    expect(longestPauseMs(ledger(1, 9, 20, 50), times)).toBe(11_000);
    expect(longestPauseMs(ledger(1, 9, 11, 12, 13, 15), times)).toBe(2_000);
  });
});
