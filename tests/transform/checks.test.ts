import { describe, expect, test } from '@jest/globals';
import { rawEqualsSilverPlusRejects, rejectsHaveReasons, wordsRecomputed } from '../../src/transform/checks.js';
import { subjectOf, targetOf } from '../pipeline/targets.js';
import { at, clock, commit, ledgerOf } from '../trino/ledgers.js';

const atClock = (second: number) =>
  ledgerOf([commit({ id: '2', start: [], end: at(3), clocks: [null, clock(second)], rows: 3 })]);
const raw = targetOf('raw', atClock(5));
const silver = targetOf('silver', atClock(4));
const rejects = targetOf('rejects', atClock(4));
const subject = subjectOf([raw, silver, rejects]);

describe('raw-equals-silver-plus-rejects', () => {
  const row = (numbers: [number, number, number], offsets = [3, 2, 1]) => ({
    topic_id: 'A',
    partition: 0,
    raw_n: String(numbers[0]),
    silver_n: String(numbers[1]),
    rejects_n: String(numbers[2]),
    raw_offsets: String(offsets[0]),
    silver_offsets: String(offsets[1]),
    rejects_offsets: String(offsets[2]),
  });
  const judge = (one: ReturnType<typeof row>) => rawEqualsSilverPlusRejects.judge([one], silver, subject);

  test('counts each table up to SILVER’s clock only', () => {
    const sql = rawEqualsSilverPlusRejects.sql(silver, subject) ?? '';
    expect(sql.match(/<= TIMESTAMP '2026-11-22 16:30:04.000000 UTC'/g)).toHaveLength(3);
  });

  test('passes when the rows and the sums of their offsets agree', () => {
    expect(judge(row([3, 2, 1]))).toMatchObject({ passed: true, actual: '3 = 2 + 1 rows' });
  });

  test('fails for a lost row, a doubled row and exchanged rows', () => {
    expect(judge(row([3, 1, 1])).actual).toBe('topic id A partition 0: RAW 3 rows, SILVER 1 + rejects 1 = 2');
    expect(judge(row([3, 3, 1])).passed).toBe(false);
    expect(judge(row([3, 2, 1], [3, 2, 2])).actual).toContain('other offsets');
  });

  test('fails when SILVER is ahead of RAW, and when RAW is gone', () => {
    const behind = subjectOf([targetOf('raw', atClock(3)), silver, rejects]);
    expect(rawEqualsSilverPlusRejects.judge([], silver, behind).actual).toContain('RAW was rolled back or dropped');
    expect(rawEqualsSilverPlusRejects.judge([], silver, subjectOf([silver])).passed).toBe(false);
  });
});

describe('words-recomputed', () => {
  const judge = (words: string | null, number: string | null = '80') =>
    wordsRecomputed.judge([{ number, words, lineage: 'A/0/7' }], silver, subject);

  test('an altered word fails and is named with its lineage', () => {
    expect(judge('quatre-vingts').passed).toBe(true);
    expect(judge(null, null).passed).toBe(true);
    expect(judge('quatre-vingt').actual).toBe('A/0/7: 80 is "quatre-vingts", SILVER has "quatre-vingt"');
    expect(judge(null).passed).toBe(false);
  });

  test('takes the columns from the SQL, and does not apply to SQL without number words', () => {
    expect(wordsRecomputed.sql(silver, subject)).toContain('"words" AS words');
    expect(wordsRecomputed.sql(silver, subjectOf([silver], { sql: 'SELECT kafka_value AS v FROM raw' }))).toBeNull();
  });
});

describe('rejects-have-reasons', () => {
  test('an empty reason fails', () => {
    const judge = (rows: Record<string, unknown>[]) => rejectsHaveReasons.judge(rows, rejects, subject);
    expect(judge([{ reason: 'empty', n: '2' }])).toMatchObject({ passed: true, actual: 'empty: 2' });
    expect(judge([{ reason: '', n: '2' }]).actual).toBe('2 rows without a reason');
  });
});
