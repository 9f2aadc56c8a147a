import { describe, expect, test } from '@jest/globals';
import { formatPosition, isSamePosition, offsetAt, openGeneration, parsePosition } from '../../src/commons/position.js';

const json = '[{"topicId":"a","offsets":{"0":"9223372036854775807","2":"1","10":"5"},"closed":false}]';

describe('a position', () => {
  test('survives text and back with all digits, partitions in numeric order', () => {
    const mixed = '[{"offsets":{"10":"5","0":"9223372036854775807","2":1},"topicId":"a","closed":false}]';
    expect(formatPosition(parsePosition(mixed))).toBe(json);
  });

  test('absent and empty are the same: nothing was read', () => {
    expect(parsePosition(undefined)).toBeNull();
    expect(isSamePosition(null, [])).toBe(true);
    expect(isSamePosition(parsePosition(json), null)).toBe(false);
  });

  test('the open generation is the last one, unless it is closed', () => {
    const closed = parsePosition(json.replace('false', 'true'));
    expect(openGeneration(closed)).toBeNull();
    expect(openGeneration(parsePosition(json))?.topicId).toBe('a');
    expect(offsetAt(closed, 'a', 2)).toBe(1n);
    expect(offsetAt(closed, 'b', 2)).toBeNull();
  });

  test('anything else is refused', () => {
    expect(() => parsePosition('{"0":"1"}')).toThrow('list of topic generations');
    expect(() => parsePosition('[{"topicId":"a"}]')).toThrow('expected {topicId');
    expect(() => parsePosition('[{"topicId":"a","offsets":{"0":"x"}}]')).toThrow();
  });
});
