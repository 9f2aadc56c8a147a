/** The control plane dies and the driver does not, on the real engines: one driver a run, nothing lost, nothing doubled. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { loadConfig } from '../../../src/commons/config.js';
import { openQueue, workersOf } from '../../../src/pipeline/queue.js';
import { isSettled, type Run } from '../../../src/pipeline/run.js';
import { RunStore } from '../../../src/pipeline/run-store.js';
import { restSubmitter } from '../../../src/spark/spark-rest.js';
import { type RedisServer, startRedis } from '../../redis-server.js';
import { driverOf, Line, until } from '../harness.js';

/** A line whose runs are in a Redis of its own, which may be emptied and restored. */
class PrivateLine {
  readonly line: Line;
  readonly server: RedisServer;
  readonly redis: Redis;
  readonly store: RunStore;
  readonly #workers: ReturnType<Line['start']>[] = [];
  #produced = 0;

  private constructor(line: Line, server: RedisServer) {
    this.line = line;
    this.server = server;
    line.env['ELT_REDIS_URL'] = server.url;
    this.redis = new Redis(server.url, { maxRetriesPerRequest: null });
    this.redis.on('error', () => undefined);
    this.store = new RunStore(this.redis, line.topic);
  }

  static async open(name: string): Promise<PrivateLine> {
    const line = await Line.open(name, { extract: { commitInterval: '1s' } });
    return new PrivateLine(line, await startRedis());
  }

  startWorker(env: NodeJS.ProcessEnv = {}) {
    const worker = this.line.start(['worker', 'extract'], env);
    this.#workers.push(worker);
    return worker;
  }

  /** Until then `elt run` would serve the queue itself. */
  async untilServed(): Promise<void> {
    const queue = openQueue('extract', { url: this.server.url, prefix: this.line.topic }, () => undefined);
    await until('the worker serves the queue', async () => (await workersOf(queue)) > 0, 30_000);
    await queue.close();
  }

  async produce(count: number): Promise<void> {
    await this.line.produce(Array.from({ length: count }, () => ({ value: String(this.#produced++) })));
  }

  async untilRaw(): Promise<void> {
    await until('all records are in RAW', async () => (await this.line.rawRows()) === this.#produced, 90_000);
  }

  async run(): Promise<Run> {
    const [run] = await this.store.list(1);
    if (run === undefined) throw new Error('no run');
    return run;
  }

  /** Every driver that the master knows of this run, ended ones too. */
  async driversOf(runId: string): Promise<number> {
    const { spark } = loadConfig({ env: this.line.env, cwd: this.line.dir, flags: {} });
    const census = await restSubmitter({ rest: spark.rest, ui: spark.ui }).census(true);
    if (census.outcome !== 'complete') throw new Error(census.detail);
    return census.drivers.filter(({ name }) => name.includes(runId)).length;
  }

  async expectExactlyOnce(): Promise<void> {
    const distinct = `SELECT count(*) FROM (SELECT DISTINCT kafka_partition, kafka_offset FROM ${this.line.raw})`;
    expect([await this.line.rawRows(), await this.line.count(distinct)]).toEqual([this.#produced, this.#produced]);
  }

  async close(): Promise<void> {
    await this.line.close();
    for (const worker of this.#workers) worker.kill('SIGKILL');
    await Promise.allSettled(this.#workers);
    this.redis.disconnect();
    await this.server.close();
  }
}

describe('the control plane dies', () => {
  let own: PrivateLine[] = [];

  beforeEach(() => {
    own = [];
  });

  afterEach(async () => {
    await Promise.all(own.map((one) => one.close()));
  }, 120_000);

  async function open(name: string): Promise<PrivateLine> {
    const one = await PrivateLine.open(name);
    own.push(one);
    return one;
  }

  test('the worker is killed just before and just after it submits: another one goes on with one driver', async () => {
    const scenario = async (point: string) => {
      const one = await open(point.replaceAll('-', '_'));
      await one.produce(1_000);
      const victim = one.startWorker({ ELT_FAILPOINTS: `${point}=kill` });
      await one.untilServed();
      const started = one.line.elt(['run', 'extract', '--drain', '--detach']);
      expect((await victim).signal).toBe('SIGKILL');
      const diedAt = Date.now();
      one.startWorker();
      await until('the driver is known', async () => (await one.run()).submissionId !== null, 60_000);
      process.stderr.write(`${point}: re-attached ${(Date.now() - diedAt) / 1000} s after the worker's death\n`);
      expect(Date.now() - diedAt).toBeLessThan(35_000);
      await until('the run is over', async () => isSettled(await one.run()), 90_000);
      expect((await started).exitCode).toBe(0);
      const run = await one.run();
      expect(run).toMatchObject({ state: 'succeeded', verified: true, attempt: 1, progress: { rows: 1_000 } });
      expect(await one.driversOf(run.runId)).toBe(1);
      await one.expectExactlyOnce();
    };
    await Promise.all([scenario('submit-before-create'), scenario('submit-after-create')]);
  }, 150_000);

  test('Redis is emptied, then restored from an older file, under a live driver: the same driver goes on', async () => {
    const one = await open('redis_loss');
    await one.produce(500);
    one.startWorker();
    expect((await one.line.elt(['run', 'extract', '--drain'])).exitCode).toBe(0);
    await one.redis.save();
    expect((await one.line.elt(['run', 'extract', '--follow', '--detach'])).exitCode).toBe(0);
    const pid = await driverOf(one.line);
    const { runId, submissionId } = await one.run();
    const isAdopted = async (how: string) => {
      await until(
        `the run is back (${how})`,
        async () => (await one.store.get(runId))?.run.state === 'running',
        60_000,
      );
      expect((await one.store.get(runId))?.run).toMatchObject({ submissionId, mode: 'follow', attempt: 1 });
      await one.produce(500);
      await one.untilRaw();
    };
    await one.redis.flushall();
    await isAdopted('emptied');
    await one.server.kill();
    await one.server.start();
    await isAdopted('restored from an older file');
    expect(await driverOf(one.line)).toBe(pid);
    expect((await one.line.elt(['run', 'extract'])).exitCode).toBe(4);
    expect((await one.line.elt(['stop', 'extract'])).exitCode).toBe(0);
    expect(await one.driversOf(runId)).toBe(1);
    expect((await one.store.get(runId))?.run.state).toBe('stopped');
    await one.expectExactlyOnce();
  }, 150_000);
});
