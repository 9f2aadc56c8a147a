import { describe, expect, test } from '@jest/globals';
import type { Role } from '../../../src/pipeline/check.js';
import { codecSnappy } from '../../../src/pipeline/checks/codec-snappy.js';
import { partitionsAsDeclared } from '../../../src/pipeline/checks/partitions-as-declared.js';
import { ledgerOf } from '../../trino/ledgers.js';
import { subjectOf, targetOf } from '../targets.js';

describe('partitions-as-declared', () => {
  const judge = (role: Role, withClause: string) => {
    const target = targetOf(role, ledgerOf([]));
    return partitionsAsDeclared.judge(
      [{ 'Create Table': `CREATE TABLE t (\n a bigint\n)\nWITH (\n${withClause}\n)` }],
      target,
      subjectOf([target]),
    );
  };

  test('knows the partitioning of each table', () => {
    expect(judge('raw', "partitioning = ARRAY['hour(ingested_at)']").passed).toBe(true);
    expect(judge('silver', "partitioning = ARRAY['day(event_time)']").passed).toBe(true);
    expect(judge('rejects', "partitioning = ARRAY['day(rejected_at)']").passed).toBe(true);
  });

  test('fails for another one, and for none', () => {
    expect(judge('raw', "partitioning = ARRAY['day(ingested_at)']").actual).toBe('day(ingested_at)');
    expect(judge('raw', "format = 'PARQUET'").actual).toBe('not partitioned');
  });
});

describe('codec-snappy', () => {
  const judge = (properties: Record<string, string>) => {
    const target = targetOf('raw', ledgerOf([], { properties }));
    return codecSnappy.judge(target, subjectOf([target]));
  };

  test('wants Parquet and snappy', () => {
    expect(judge({}).passed).toBe(true);
    expect(judge({ 'write.parquet.compression-codec': 'zstd' }).actual).toBe('codec zstd');
    expect(judge({ 'write.format.default': 'orc' }).actual).toBe('format orc');
  });
});
