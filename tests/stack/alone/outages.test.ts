import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { killService, Line, repairStack, until } from '../harness.js';

/** What people are told in an outage: a SIGKILL of the engine, repaired by `elt stack up`. What data survives is the drill's part. */
describe('outages', () => {
  let line: Line;
  let produced = 0;

  const produce = async (count: number) => {
    await line.produce(Array.from({ length: count }, () => ({ value: String(produced++) })));
  };

  beforeAll(async () => {
    line = await Line.open('outage', { extract: { commitInterval: '1s' } });
    line.startWorker();
    await produce(100);
    expect((await line.run('extract')).report).toMatchObject({ state: 'succeeded', verified: true });
  }, 120_000);

  afterAll(async () => {
    await repairStack();
    await line.close();
  }, 180_000);

  test('Trino down: the run is committed, verified is unknown, and a later validate proves it', async () => {
    await produce(50);
    await killService('trino');
    const { exitCode, report } = await line.run('extract');
    expect(report).toMatchObject({ state: 'succeeded', verified: 'unknown', rows: 50 });
    expect(exitCode).toBe(0);
    const refused = await line.elt(['validate']);
    expect(refused.exitCode).toBe(5);
    expect(String(refused.stderr)).toMatch(/Trino/);
    await repairStack();
    expect((await line.elt(['validate'])).exitCode).toBe(0);
  }, 240_000);

  test('Redis down: exit 5 and one clear message', async () => {
    await killService('redis');
    const refused = await line.elt(['run', 'extract'], { timeoutMs: 30_000 });
    expect(refused.exitCode).toBe(5);
    expect(String(refused.stderr)).toMatch(/Redis/);
    expect(String(refused.stderr).split('\n').length).toBeLessThan(10);
    await repairStack();
  }, 120_000);

  test('Spark master down: nothing is submitted, nothing is lost', async () => {
    await produce(50);
    await killService('spark-master');
    const waiting = line.start(['run', 'extract', '-o', 'json']);
    let said = '';
    waiting.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    await until('the run says that the master cannot be reached', async () => /master/i.test(said), 30_000);
    await repairStack();
    const ended = await waiting;
    expect(JSON.parse(String(ended.stdout))).toMatchObject({ state: 'succeeded', rows: 50, verified: true });
  }, 240_000);

  test('not enough cores is reported while the run waits', async () => {
    await produce(1);
    const waiting = line.start(['run', 'extract'], { ELT_SPARK_DRIVER_CORES: '64' });
    let said = '';
    waiting.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    await until('the run says what it waits for', async () => /core/i.test(said), 60_000);
    expect((await line.elt(['stop', 'extract'])).exitCode).toBe(0);
    await waiting;
    expect((await line.run('extract')).report).toMatchObject({ state: 'succeeded', rows: 1 });
  }, 240_000);
});
