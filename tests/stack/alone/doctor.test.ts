import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Line } from '../harness.js';

describe('doctor', () => {
  let line: Line;

  beforeAll(async () => {
    line = await Line.open('doctor', { partitions: 1 });
  });

  afterAll(async () => await line.close());

  const examine = async (env: NodeJS.ProcessEnv = {}) => {
    const result = await line.elt(['doctor', '-o', 'json'], { env });
    const { healthy, findings } = JSON.parse(String(result.stdout)) as {
      healthy: boolean;
      findings: { name: string; state: string; detail: string; fix: string | null }[];
    };
    return {
      exitCode: result.exitCode,
      healthy,
      findings,
      bad: findings.filter(({ state }) => state !== 'ok' && state !== 'warning'),
    };
  };

  test('finds nothing wrong with the stack', async () => {
    const { exitCode, healthy, findings, bad } = await examine();
    expect(bad).toEqual([]);
    expect({ exitCode, healthy }).toEqual({ exitCode: 0, healthy: true });
    expect(findings.find(({ name }) => name === 'late commits')).toMatchObject({ state: 'ok', fix: null });
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'kafka',
        `topic ${line.topic}`,
        's3',
        'metastore',
        'spark master',
        'spark workers',
        'spark rest',
        'trino',
        'redis',
      ]),
    );
  });

  test('names what is down, each with its fix: exit 5', async () => {
    const nobody = '127.0.0.1:1';
    const { exitCode, bad } = await examine({
      ELT_KAFKA_BOOTSTRAP_SERVERS: nobody,
      ELT_REDIS_URL: `redis://${nobody}`,
      ELT_TRINO_URL: `http://${nobody}`,
      ELT_SPARK_UI: `http://${nobody}`,
      ELT_SPARK_REST: `http://${nobody}`,
      ELT_CATALOG_METASTORE: `thrift://${nobody}`,
      ELT_S3_ENDPOINT: `http://${nobody}`,
    });
    expect(exitCode).toBe(5);
    expect(bad.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
      'kafka unreachable',
      'metastore unreachable',
      'redis unreachable',
      's3 unreachable',
      'spark master unreachable',
      'spark rest unreachable',
      'trino unreachable',
    ]);
    expect(bad.every(({ fix }) => fix !== null && fix !== '')).toBe(true);
  });

  test('a missing topic and a table of another owner are wrong: exit 2', async () => {
    await line.trino.query('CREATE SCHEMA IF NOT EXISTS raw');
    await line.trino.query(`CREATE TABLE ${line.raw} AS SELECT 1 AS a`);
    await line.deleteTopic();
    const { exitCode, bad } = await examine();
    expect(exitCode).toBe(2);
    expect(bad.map(({ name }) => name)).toEqual([`topic ${line.topic}`, `table ${line.raw}`]);
    expect(bad[1]?.detail).toBe('holds 1 rows that no pipeline wrote');
  });
});
