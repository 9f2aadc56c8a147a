import { expect, test } from '@jest/globals';
import { isCaughtUp } from '../../src/transform/stage.js';

const at = (ingestedAt: string | null, mirrored = 'a') => ({
  newest: { commitId: 'a' } as never,
  ingestedAt,
  properties: { 'elt.commit-id': mirrored },
});

test('SILVER has caught up when it has reached the clock of RAW, and both agree with their mirrors', () => {
  expect(isCaughtUp(at('2026-11-22T16:30:00.000001Z'), at('2026-11-22T16:30:00.000001Z'))).toBe(true);
  expect(isCaughtUp(at('2026-11-22T16:30:00.000001Z'), at('2026-11-22T16:30:00.000002Z'))).toBe(false);
  expect(isCaughtUp(at(null), at(null))).toBe(false);
  expect(isCaughtUp(at('x', 'b'), at('x'))).toBe(false);
  expect(isCaughtUp(at('x'), at('x', 'b'))).toBe(false);
});
