import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { loadConfig } from '../../src/commons/config.js';
import { extractUnderCheck } from '../../src/extract/under-check.js';
import type { Baseline } from '../../src/pipeline/check.js';
import { verifyIncrement } from '../../src/pipeline/verify.js';
import { transformUnderCheck } from '../../src/transform/under-check.js';
import { openTrino } from '../../src/trino/client.js';
import { ledgerOf } from '../../src/trino/ledger-queries.js';
import { Line } from './harness.js';

jest.setTimeout(600_000);

interface Report {
  readonly passed: boolean;
  readonly checks: readonly { name: string; table: string; verdict: string; actual: string }[];
}

/** Each test plants one kind of damage through Trino, sees which checks fail, and takes the damage back. */
describe('validate finds planted damage', () => {
  let line: Line;

  beforeAll(async () => {
    line = await Line.open('verify_checks', {
      partitions: 2,
      extract: { commitInterval: '1s', maxRowsPerCommit: 100 },
    });
    const values = Array.from({ length: 300 }, (_, index) =>
      index % 50 === 0 ? `not a number ${index}` : String(index - 7),
    );
    await line.produce(values.map((value, index) => ({ value, partition: index % 2 })));
    expect(await run('extract')).toMatchObject({ state: 'succeeded', verified: true, rows: 300 });
    expect(await run('transform')).toMatchObject({ state: 'succeeded', verified: true, rows: 294, rejects: 6 });
  });

  afterAll(async () => await line.close());

  const run = async (stage: 'extract' | 'transform') => {
    const result = await line.elt(['run', stage, '-o', 'json'], { timeoutMs: 280_000 });
    return JSON.parse(String(result.stdout)) as Record<string, unknown>;
  };

  /** The failed checks as `name on role`, sorted. */
  const validate = async () => {
    const result = await line.elt(['validate', '-o', 'json']);
    const report = JSON.parse(String(result.stdout)) as Report;
    expect(Object.keys(report).sort()).toEqual(['checks', 'passed']);
    const role = (table: string) => ({ [line.raw]: 'raw', [line.silver]: 'silver', [line.rejects]: 'rejects' })[table];
    const failed = report.checks.filter((check) => check.verdict !== 'pass');
    expect(report.passed).toBe(failed.length === 0);
    return {
      exitCode: result.exitCode,
      failed: failed
        .map(({ name, table, verdict }) => `${name} on ${role(table)}${verdict === 'fail' ? '' : ` (${verdict})`}`)
        .sort(),
      said: failed.map(({ actual }) => actual).join('\n'),
    };
  };

  const currentSnapshot = async (table: string) => String((await ledgerOf(line.trino, table))?.currentSnapshotId);

  const rollback = async (table: string, snapshotId: string) => {
    await line.trino.query(`ALTER TABLE ${table} EXECUTE rollback_to_snapshot(${snapshotId})`);
  };

  /** Plants damage in one table, validates, rolls the table back. */
  const damaged = async (table: string, ...statements: string[]) => {
    const before = await currentSnapshot(table);
    for (const statement of statements) await line.trino.query(statement);
    const found = await validate();
    await rollback(table, before);
    expect(found.exitCode).toBe(3);
    return found;
  };

  test('nothing is found in a clean line', async () => {
    expect(await validate()).toEqual({ exitCode: 0, failed: [], said: '' });
  });

  test('a lost RAW row', async () => {
    const { failed } = await damaged(
      line.raw,
      `DELETE FROM ${line.raw} WHERE kafka_partition = 0 AND kafka_offset = 7`,
    );
    expect(failed).toEqual([
      'offsets-within-position on raw',
      'raw-equals-silver-plus-rejects on silver',
      'rows-per-commit on raw',
    ]);
  });

  test('a doubled RAW row', async () => {
    const { failed, said } = await damaged(
      line.raw,
      `INSERT INTO ${line.raw} SELECT * FROM ${line.raw} WHERE kafka_partition = 1 AND kafka_offset = 9`,
    );
    expect(failed).toEqual([
      'no-duplicate-lineage on raw',
      'no-foreign-rows on raw',
      'offsets-within-position on raw',
      'raw-equals-silver-plus-rejects on silver',
      'rows-per-commit on raw',
    ]);
    expect(said).toContain('65 rows of 64 records');
    expect(said).toContain('by elt at');
  });

  test('a row lost and another doubled: the counts agree, the offsets do not', async () => {
    const { failed } = await damaged(
      line.silver,
      `DELETE FROM ${line.silver} WHERE number = 20`,
      `INSERT INTO ${line.silver} SELECT * FROM ${line.silver} WHERE number = 22`,
    );
    expect(failed).toEqual(
      expect.arrayContaining(['no-duplicate-lineage on silver', 'raw-equals-silver-plus-rejects on silver']),
    );
  });

  test('a lost SILVER row', async () => {
    const { failed } = await damaged(line.silver, `DELETE FROM ${line.silver} WHERE number = 42`);
    expect(failed).toEqual(['raw-equals-silver-plus-rejects on silver', 'rows-per-commit on silver']);
  });

  test('an altered word', async () => {
    const { failed, said } = await damaged(
      line.silver,
      `UPDATE ${line.silver} SET words = 'quatre-vingt' WHERE number = 80`,
    );
    expect(failed).toEqual(['no-foreign-rows on silver', 'words-recomputed on silver']);
    expect(said).toContain('80 is "quatre-vingts", SILVER has "quatre-vingt"');
  });

  test('a foreign row beyond the position', async () => {
    const { failed } = await damaged(
      line.raw,
      `INSERT INTO ${line.raw} SELECT kafka_topic_id, kafka_partition, 999999, kafka_timestamp, kafka_timestamp_ms, kafka_key, kafka_value,
       kafka_headers, current_timestamp(6) FROM ${line.raw} WHERE kafka_partition = 0 AND kafka_offset = 0`,
    );
    expect(failed).toEqual(['no-foreign-rows on raw', 'offsets-within-position on raw', 'rows-per-commit on raw']);
  });

  test('a record both in SILVER and in the rejects', async () => {
    const { failed } = await damaged(
      line.rejects,
      `INSERT INTO ${line.rejects} (kafka_topic_id, kafka_partition, kafka_offset, raw_ingested_at, kafka_timestamp_ms, reason, rejected_at)
       SELECT kafka_topic_id, kafka_partition, kafka_offset, raw_ingested_at, 0, 'planted', current_timestamp(6) FROM ${line.silver} WHERE number = 5`,
    );
    expect(failed).toEqual([
      'no-duplicate-lineage on silver',
      'no-foreign-rows on rejects',
      'raw-equals-silver-plus-rejects on silver',
      'rows-per-commit on rejects',
    ]);
  });

  test('a reject without a reason', async () => {
    const { failed } = await damaged(line.rejects, `UPDATE ${line.rejects} SET reason = ' ' WHERE kafka_offset = 0`);
    expect(failed).toEqual(['no-foreign-rows on rejects', 'rejects-have-reasons on rejects']);
  });

  test('RAW rolled back under SILVER', async () => {
    const before = await currentSnapshot(line.raw);
    const ledger = await ledgerOf(line.trino, line.raw);
    await rollback(line.raw, String(ledger?.entries[1]?.snapshotId));
    const { failed, exitCode } = await validate();
    await rollback(line.raw, before);
    expect(exitCode).toBe(3);
    expect(failed).toEqual(['ledger-intact on raw', 'raw-equals-silver-plus-rejects on silver']);
  });

  test('other partitions than declared', async () => {
    await line.trino.query(`ALTER TABLE ${line.raw} SET PROPERTIES partitioning = ARRAY['day(ingested_at)']`);
    const { failed } = await validate();
    await line.trino.query(`ALTER TABLE ${line.raw} SET PROPERTIES partitioning = ARRAY['hour(ingested_at)']`);
    expect(failed).toEqual(['partitions-as-declared on raw']);
  });

  test('Trino’s own compaction is no damage', async () => {
    await line.trino.query(`ALTER TABLE ${line.raw} EXECUTE optimize`);
    await line.trino.query(`ALTER TABLE ${line.silver} EXECUTE optimize`);
    expect(await validate()).toEqual({ exitCode: 0, failed: [], said: '' });
  });

  test('a topic that ends before the position', async () => {
    await line.deleteTopic();
    await line.createTopic(2);
    const { failed } = await validate();
    expect(failed).toEqual(['topic-position on raw']);
  });

  describe('incremental verification', () => {
    const stages = () => {
      const config = loadConfig({ env: line.env, cwd: line.dir });
      const pipeline = Object.keys(config.pipelines)[0] as string;
      const declared = config.pipelines[pipeline] ?? {};
      return {
        config,
        extract: extractUnderCheck(pipeline, declared),
        transform: transformUnderCheck(pipeline, declared, ''),
      };
    };

    const memory = () => {
      const known = new Map<string, Baseline>();
      return {
        known,
        read: async (table: string) => known.get(table) ?? null,
        write: async (table: string, baseline: Baseline) => void known.set(table, baseline),
      };
    };

    test('goes on from the last verified snapshot and finds damage that came after it', async () => {
      const { extract } = stages();
      if (extract === null) throw new Error('the line declares EXTRACT');
      const store = memory();
      expect(await verifyIncrement(line.trino, store, extract)).toMatchObject({ verified: true, scope: 'full' });
      const again = await verifyIncrement(line.trino, store, extract);
      expect(again).toMatchObject({ verified: true, scope: 'increment' });
      const reads = again.checks.flatMap(({ sql }) => [...sql.matchAll(/ FROM (\S+)/g)].map(([, table]) => table));
      expect(reads.filter((table) => !table?.includes('$'))).toEqual([]);

      const before = await currentSnapshot(line.raw);
      await line.trino.query(
        `INSERT INTO ${line.raw} SELECT * FROM ${line.raw} WHERE kafka_partition = 1 AND kafka_offset = 9`,
      );
      const damaged = await verifyIncrement(line.trino, store, extract);
      expect(damaged).toMatchObject({ verified: false, scope: 'increment' });
      expect(damaged.checks.map(({ sql }) => sql).join('\n')).toContain('ingested_at > TIMESTAMP');
      await rollback(line.raw, before);
      expect(await verifyIncrement(line.trino, store, extract)).toMatchObject({ verified: true, scope: 'increment' });
    });

    test('a baseline that is no ancestor any more costs one full check', async () => {
      const { transform } = stages();
      if (transform === null) throw new Error('the line declares TRANSFORM');
      const store = memory();
      for (const table of [line.silver, line.rejects])
        store.known.set(table, { snapshotId: '1', committedAt: null, ingestedAt: null });
      expect(await verifyIncrement(line.trino, store, transform)).toMatchObject({ verified: true, scope: 'full' });
      expect(await verifyIncrement(line.trino, store, transform)).toMatchObject({ verified: true, scope: 'increment' });
    });

    test('Trino down is unknown, a table that is gone is not', async () => {
      const { config, extract } = stages();
      if (extract === null) throw new Error('the line declares EXTRACT');
      const nobody = openTrino({ ...config.trino, url: 'http://127.0.0.1:9' });
      expect(await verifyIncrement(nobody, memory(), extract)).toMatchObject({ verified: 'unknown', checks: [] });
      const store = memory();
      store.known.set('raw.verify_gone', { snapshotId: '1', committedAt: null, ingestedAt: null });
      const gone = { ...extract, tables: { ...extract.tables, raw: 'raw.verify_gone' } };
      expect(await verifyIncrement(line.trino, store, gone)).toMatchObject({ verified: false });
      expect(await verifyIncrement(line.trino, memory(), gone)).toMatchObject({ verified: true });
    });
  });
});
