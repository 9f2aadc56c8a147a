import { describe, expect, test } from '@jest/globals';
import { freshnessSeconds, transformLag, unaccountedRows } from '../../src/pipeline/ledger-gauges.js';
import { at, clock, commit, ledgerOf } from '../trino/ledgers.js';

const now = Date.parse(clock(40));

const total = (rows: number) => ({ summary: { 'total-records': String(rows) } });
const first = commit({ id: '1', start: null, end: at(10), clocks: [null, clock(10)], rows: 10, ...total(10) });
const second = commit({ id: '2', start: at(10), end: at(15), clocks: [clock(10), clock(20)], rows: 5, ...total(15) });
const third = commit({ id: '3', start: at(15), end: at(22), clocks: [clock(20), clock(30)], rows: 7, ...total(22) });
const raw = ledgerOf([first, second, third]);
const silver = (rows: number) =>
  ledgerOf([commit({ id: 's', start: null, end: at(10), clocks: [null, clock(10)], rows, ...total(rows) })]);

describe('what ledgers say', () => {
  test('lag: the rows of RAW after SILVER’s clock, as old as the first of their commits', () => {
    expect(transformLag(raw, silver(9), now)).toEqual({ rows: 12n, seconds: 20 });
    expect(transformLag(raw, null, now)).toEqual({ rows: 22n, seconds: 30 });
  });

  test('lag: nothing unread is 0, an expired history is unknown', () => {
    const caughtUp = ledgerOf([commit({ id: 's', start: null, end: at(22), clocks: [clock(20), clock(30)], rows: 7 })]);
    expect(transformLag(raw, caughtUp, now)).toEqual({ rows: 0n, seconds: 0 });
    const expired = { ...raw, entries: raw.entries.slice(0, 1), ancestry: raw.ancestry.slice(0, 1) };
    expect(transformLag(expired, silver(9), now)).toBeNull();
  });

  test('freshness counts from the clock; without rows it is unknown', () => {
    expect(freshnessSeconds(raw, now)).toBe(10);
    expect(freshnessSeconds({ ingestedAt: null }, now)).toBeNull();
  });

  test('RAW up to SILVER’s clock is SILVER plus rejects, or the difference shows', () => {
    const lag = transformLag(raw, silver(9), now);
    expect(unaccountedRows(raw, silver(9), silver(1), lag)).toBe(0n);
    expect(unaccountedRows(raw, silver(8), silver(1), lag)).toBe(1n);
    expect(unaccountedRows(raw, silver(10), silver(1), lag)).toBe(1n);
  });

  test('between the two commits of TRANSFORM, or without a total, it is unknown', () => {
    const lag = transformLag(raw, silver(9), now);
    const ahead = ledgerOf([
      commit({ id: 'r', start: null, end: at(15), clocks: [null, clock(20)], rows: 1, ...total(1) }),
    ]);
    expect(unaccountedRows(raw, silver(9), ahead, lag)).toBeNull();
    expect(unaccountedRows(raw, silver(9), null, lag)).toBeNull();
    expect(unaccountedRows(raw, silver(9), silver(1), null)).toBeNull();
  });
});
