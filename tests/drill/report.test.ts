import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/drill/count.js';
import { faultReport } from '../../src/drill/report.js';

const fault = { name: 'redis', leavesExtract: true, mostDrivers: 1 };
const good = {
  round: 2,
  recovered: { recoveredMs: 60_000, extractPauseMs: 4_000 },
  findings: [],
  driversAtOnce: 1,
  problem: null,
};
const finding = (kind: Finding['kind']): Finding => ({ kind, table: 'raw.t', partition: 0, offset: 7, detail: '' });

describe('the report of a fault', () => {
  test('passes within its limits', () => {
    expect(faultReport(fault, good)).toEqual({
      fault: 'redis',
      round: 2,
      recoveredMs: 60_000,
      lost: 0,
      doubled: 0,
      altered: 0,
      driversAtOnce: 1,
      extractPauseMs: 4_000,
      problem: null,
      passed: true,
    });
  });

  test.each([
    ['too late', { recovered: { recoveredMs: 60_001, extractPauseMs: 1 } }],
    ['never', { recovered: null }],
    ['out of rhythm', { recovered: { recoveredMs: 1, extractPauseMs: 4_001 } }],
    ['a second driver', { driversAtOnce: 2 }],
    ['a lost record', { findings: [finding('lost')] }],
  ])('fails: %s', (_, seen) => {
    expect(faultReport(fault, { ...good, ...seen }).passed).toBe(false);
  });

  test('a fault that stops EXTRACT has no rhythm to keep', () => {
    const seen = { ...good, recovered: { recoveredMs: 1, extractPauseMs: 30_000 } };
    expect(faultReport({ ...fault, leavesExtract: false }, seen).passed).toBe(true);
  });

  test('counts by kind', () => {
    const findings = [finding('lost'), finding('doubled'), finding('doubled'), finding('altered')];
    expect(faultReport(fault, { ...good, findings })).toMatchObject({ lost: 1, doubled: 2, altered: 1, passed: false });
  });
});
