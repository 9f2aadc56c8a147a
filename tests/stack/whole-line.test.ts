import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Line, metadataTable } from './harness.js';

describe('the whole line', () => {
  let line: Line;

  beforeAll(async () => {
    line = await Line.open('whole');
    await line.produce(Array.from({ length: 1_000 }, (_, index) => ({ value: String(index - 500) })));
  });

  afterAll(async () => await line.close());

  test('extract lands every acknowledged record and is verified', async () => {
    const { exitCode, report } = await line.run('extract');
    expect(report).toMatchObject({ stage: 'extract', state: 'succeeded', verified: true, rows: 1000, error: null });
    expect(exitCode).toBe(0);
    expect(report.submissionId).toEqual(expect.any(String));
    const offsets = Object.values(report.endPosition[0].offsets as Record<string, string>);
    expect(offsets.reduce((sum, next) => sum + Number(next), 0)).toBe(1000);
    expect(await line.count(`SELECT count(*) FROM ${line.raw}`)).toBe(1000);
  });

  test('transform turns every number into words and is verified', async () => {
    const { exitCode, report } = await line.run('transform');
    expect(report).toMatchObject({ stage: 'transform', state: 'succeeded', verified: true, rows: 1000, rejects: 0 });
    expect(exitCode).toBe(0);
    const rows = await line.trino.query(
      `SELECT words FROM ${line.silver} WHERE number IN (-71, 0, 80, 200) ORDER BY number`,
    );
    expect(rows.map((row) => row['words'])).toEqual(['moins soixante et onze', 'zéro', 'quatre-vingts', 'deux cents']);
  });

  test('a drain run with nothing to read submits nothing and makes no snapshot', async () => {
    const before = await line.count(`SELECT count(*) FROM ${metadataTable(line.raw, 'snapshots')}`);
    const { exitCode, report } = await line.run('extract');
    expect(report).toMatchObject({ state: 'succeeded', submissionId: null, rows: 0 });
    expect(exitCode).toBe(0);
    expect(await line.count(`SELECT count(*) FROM ${metadataTable(line.raw, 'snapshots')}`)).toBe(before);
  });

  test('a later run reads only what is new', async () => {
    await line.produce(Array.from({ length: 250 }, (_, index) => ({ value: String(10_000 + index) })));
    expect((await line.run('extract')).report).toMatchObject({ state: 'succeeded', rows: 250, verified: true });
    expect((await line.run('transform')).report).toMatchObject({ state: 'succeeded', rows: 250, verified: true });
    expect(await line.count(`SELECT count(*) FROM ${line.silver}`)).toBe(1250);
  });

  test('status knows the runs, newest first, in the same shape', async () => {
    const result = await line.elt(['status', '-o', 'json']);
    const { runs } = JSON.parse(String(result.stdout));
    expect(runs[0]).toMatchObject({ stage: 'transform', state: 'succeeded', rows: 250 });
    expect(runs.map((run: { runId: string }) => run.runId)).toEqual(
      runs
        .map((run: { runId: string }) => run.runId)
        .toSorted()
        .toReversed(),
    );
  });

  test('validate passes every check, and fails with exit 3 when a row was doubled by hand', async () => {
    const clean = await line.elt(['validate', '-o', 'json']);
    const report = JSON.parse(String(clean.stdout));
    expect(report.checks.filter((check: { verdict: string }) => check.verdict !== 'pass')).toEqual([]);
    expect(report.passed).toBe(true);
    expect(clean.exitCode).toBe(0);

    await line.trino.query(`INSERT INTO ${line.silver} SELECT * FROM ${line.silver} WHERE number = 42`);
    const damaged = await line.elt(['validate', '-o', 'json']);
    expect(damaged.exitCode).toBe(3);
    const failed = JSON.parse(String(damaged.stdout)).checks.filter(
      (check: { verdict: string }) => check.verdict === 'fail',
    );
    const names = failed.map((check: { name: string }) => check.name);
    expect(names).toEqual(
      expect.arrayContaining(['no-duplicate-lineage', 'no-foreign-rows', 'raw-equals-silver-plus-rejects']),
    );
  });
});
