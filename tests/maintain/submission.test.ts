import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../src/commons/config-schema.js';
import { withKnowledge } from '../../src/maintain/last-knowledge.js';
import { maintainSubmission } from '../../src/maintain/submission.js';
import { tablesOf } from '../../src/maintain/tables.js';

const transform = (table: string, from?: string) => ({ table, sql: 'x.sql', ...(from === undefined ? {} : { from }) });
const parse = (maintain?: unknown) =>
  configSchema.parse({
    pipelines: {
      numbers: {
        extract: { topic: 't', table: 'raw.t' },
        transform: transform('silver.numbers'),
        ...(maintain === undefined ? {} : { maintain }),
      },
      second: { transform: transform('silver.second', 'raw.t') },
      other: { extract: { topic: 'u', table: 'raw.u' } },
    },
  });
const task = { name: 'n', runId: 'r', pipeline: 'numbers', isPlanOnly: false };
const argumentOf = (spec: { readonly args: readonly string[] }) => JSON.parse(spec.args[0] ?? '');

describe('maintainSubmission', () => {
  test('works without a section in elt.yaml', () => {
    expect(argumentOf(maintainSubmission(parse(), task))).toMatchObject({
      stage: 'maintain',
      planOnly: false,
      keepSnapshotsMs: 3_600_000,
      orphanGraceMs: 3 * 86_400_000,
      allowShortGrace: false,
      targetFileSizeBytes: 128 * 1024 ** 2,
      minFilesToCompact: 5,
    });
  });

  test('RAW is needed by every pipeline that reads it', () => {
    expect(tablesOf(parse(), 'numbers')).toEqual([
      { table: 'raw.t', role: 'raw', readers: ['silver.numbers', 'silver.second'] },
      { table: 'silver.numbers_rejects', role: 'rejects', readers: [] },
      { table: 'silver.numbers', role: 'silver', readers: [] },
    ]);
    expect(tablesOf(parse(), 'second').map(({ table }) => table)).toEqual(['silver.second_rejects', 'silver.second']);
    expect(tablesOf(parse(), 'other')).toEqual([{ table: 'raw.u', role: 'raw', readers: [] }]);
  });

  test('a grace of less than a day is refused, unless a test insists', () => {
    expect(() => parse({ orphanGrace: '23h' })).toThrow(/at least \\"1d\\"/);
    expect(argumentOf(maintainSubmission(parse({ orphanGrace: '1s', allowShortGrace: true }), task))).toMatchObject({
      orphanGraceMs: 1_000,
      allowShortGrace: true,
    });
  });

  test('what is known last goes to its own table', () => {
    const known = new Map([
      ['raw.t', { baseline: '-5' }],
      ['silver.numbers', { hold: 'a check fails (x). See: elt validate numbers' }],
    ]);
    const since = '2026-01-01T00:00:00.000Z';
    expect(argumentOf(withKnowledge(maintainSubmission(parse(), task), known, since)).tables).toEqual([
      { table: 'raw.t', role: 'raw', readers: ['silver.numbers', 'silver.second'], baseline: '-5' },
      { table: 'silver.numbers_rejects', role: 'rejects', readers: [], refreshSinceMs: Date.parse(since) },
      {
        table: 'silver.numbers',
        role: 'silver',
        readers: [],
        hold: 'a check fails (x). See: elt validate numbers',
        refreshSinceMs: Date.parse(since),
      },
    ]);
  });
});
