import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ledgerOf } from '../../src/trino/ledger-queries.js';
import { Line } from './harness.js';

describe('offsets', () => {
  let line: Line;

  beforeAll(async () => {
    line = await Line.open('offsets', { partitions: 1, extract: { maxRowsPerCommit: 5 } });
    await line.produce(Array.from({ length: 12 }, (_, index) => ({ value: String(index) })));
    expect((await line.run('extract')).report).toMatchObject({ state: 'succeeded', rows: 12, verified: true });
  });

  afterAll(async () => await line.close());

  const offsets = async (...args: string[]) => {
    const result = await line.elt(['offsets', ...args, '-o', 'json']);
    return { exitCode: result.exitCode, document: JSON.parse(String(result.stdout)) };
  };

  test('show: position, earliest, end and lag', async () => {
    await line.produce([{ value: '100' }, { value: '101' }]);
    const { exitCode, document } = await offsets('show');
    expect(exitCode).toBe(0);
    expect(document.pipelines[0]).toMatchObject({ topic: line.topic, table: line.raw, lag: '2' });
    expect(document.pipelines[0].partitions).toEqual([
      { topicId: expect.any(String), closed: false, partition: 0, position: '12', earliest: '0', end: '14', lag: '2' },
    ]);
  });

  test('recover: shows first, writes with --yes, and the next run goes on from there', async () => {
    const ledger = await ledgerOf(line.trino, line.raw);
    const [schema, table] = line.raw.split('.');
    await line.trino.query(
      `ALTER TABLE ${schema}.${table} EXECUTE rollback_to_snapshot(${ledger?.entries[1]?.snapshotId})`,
    );
    const shown = await offsets('recover');
    expect(shown.exitCode).toBe(0);
    expect(shown.document).toMatchObject({ table: line.raw, run: null, ledger: { intact: false } });
    const found = Number(Object.values(shown.document.rows.position[0].offsets)[0]);
    expect(found).toBe(await line.rawRows());
    expect(found).toBeLessThan(12);

    const written = await offsets('recover', '--yes');
    expect(written.exitCode).toBe(0);
    expect(written.document.run).toMatchObject({ state: 'succeeded', rows: 0, verified: true });
    expect((await line.run('extract')).report).toMatchObject({ state: 'succeeded', rows: 14 - found, verified: true });
    expect(await line.count(`SELECT count(DISTINCT kafka_offset) FROM ${line.raw}`)).toBe(14);
    expect((await line.elt(['validate'])).exitCode).toBe(0);
  });
});
