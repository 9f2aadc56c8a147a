import { describe, expect, test } from '@jest/globals';
import type { Position } from '../../src/commons/position.js';
import { isCaughtUp } from '../../src/extract/stage.js';

const position = (offsets: Record<string, string>): Position => [{ topicId: 'T', offsets, closed: false }];
const ledger = (offsets: Record<string, string>) => ({ newest: null, position: position(offsets), properties: {} });
const end = (offsets: Record<string, string>) =>
  Object.fromEntries(Object.entries(offsets).map(([partition, next]) => [partition, { earliest: '0', end: next }]));

describe('whether EXTRACT has anything to read', () => {
  test.each([
    ['every partition at its end', { '0': '5', '1': '7' }, { '0': '5', '1': '7' }, true],
    ['records are waiting', { '0': '5' }, { '0': '6' }, false],
    ['a partition was added', { '0': '5' }, { '0': '5', '1': '0' }, false],
    ['a partition is gone', { '0': '5', '1': '7' }, { '0': '5' }, false],
    ['the position is beyond the end: a topic created again', { '0': '5' }, { '0': '2' }, false],
  ])('%s', (_, read, ends, expected) => {
    expect(isCaughtUp(ledger(read as Record<string, string>), end(ends as Record<string, string>))).toBe(expected);
  });

  test('a table without a position, or one that disagrees with its mirror, is for the driver to judge', () => {
    expect(isCaughtUp({ newest: null, position: null, properties: {} }, end({ '0': '0' }))).toBe(false);
    const newest = { commitId: 'a' } as never;
    const rolledBack = { newest, position: position({ '0': '5' }), properties: { 'elt.commit-id': 'b' } };
    expect(isCaughtUp(rolledBack, end({ '0': '5' }))).toBe(false);
  });
});
