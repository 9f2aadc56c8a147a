import { describe, expect, test } from '@jest/globals';
import { atSnapshot, clockRange, qualified, text, timestamp } from '../../src/trino/sql.js';

describe('statements', () => {
  test('identifiers and literals are quoted', () => {
    expect(qualified('lakehouse', 'raw.numbers', '$snapshots')).toBe('"lakehouse"."raw"."numbers$snapshots"');
    expect(qualified('a"b', 'raw.x')).toBe('"a""b"."raw"."x"');
    expect(text("l'an")).toBe("'l''an'");
    expect(() => qualified('lakehouse', 'numbers')).toThrow('schema.table');
  });

  test('a clock becomes a literal with microseconds, and nothing else does', () => {
    expect(timestamp('2026-11-22T16:30:00.123456Z')).toBe("TIMESTAMP '2026-11-22 16:30:00.123456 UTC'");
    expect(() => timestamp("2026-11-22' OR TRUE --")).toThrow('clock');
  });

  test('a range has the bounds that are given', () => {
    const [a, b] = ['2026-11-22T16:30:00.000001Z', '2026-11-22T16:30:01.000000Z'];
    expect(clockRange('c', null, null)).toBe('TRUE');
    expect(clockRange('c', a, b)).toBe(
      "c > TIMESTAMP '2026-11-22 16:30:00.000001 UTC' AND c <= TIMESTAMP '2026-11-22 16:30:01.000000 UTC'",
    );
  });

  test('snapshot ids keep all their digits', () => {
    expect(atSnapshot('c', 's.t', '9007199254740993123')).toBe('"c"."s"."t" FOR VERSION AS OF 9007199254740993123');
    expect(() => atSnapshot('c', 's.t', '1; DROP')).toThrow(SyntaxError);
  });
});
