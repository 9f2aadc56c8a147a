/** Connections that break in the worst places, by proxies in front of real engines. `npm run drill` makes the outages longer (ELT_TEST_LONG_FAULTS). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { diskFull, errorsForShare, forbidAll, openS3Faults } from '../../src/drill/s3-faults.js';
import { openTcpProxy, type TcpProxy } from '../../src/drill/tcp-proxy.js';
import { Line, seededRandom, stackDir, until } from './harness.js';
import { freePort, KafkaBroker } from './kafka-broker.js';

const isLong = process.env['ELT_TEST_LONG_FAULTS'] !== undefined;
const outageMs = isLong ? 60_000 : 8_000;
const alterTable = 'alter_table_with_environment_context';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('faults', () => {
  const closers: (() => Promise<unknown>)[] = [];
  let line: Line;
  let produced = 0;

  afterEach(async () => {
    await line.close();
    for (const close of closers.splice(0).reverse()) await close();
  });

  const proxyOf = async (address: string): Promise<TcpProxy> => {
    const { hostname, port } = new URL(address.includes('://') ? address.replace(/^\w+/, 'http') : `http://${address}`);
    const proxy = await openTcpProxy({ host: hostname, port: Number(port) });
    closers.push(() => proxy.close());
    return proxy;
  };

  const produce = async (count: number) => {
    await line.produce(Array.from({ length: count }, () => ({ value: String(produced++) })));
  };

  const caughtUp = async (limitMs = 300_000) =>
    await until(`RAW has ${produced} rows`, async () => (await line.rawRows()) === produced, limitMs);

  const expectExactlyOnce = async () => {
    expect(await line.rawRows()).toBe(produced);
    const distinct = `SELECT count(*) FROM (SELECT DISTINCT kafka_partition, kafka_offset FROM ${line.raw})`;
    expect(await line.count(distinct)).toBe(produced);
  };

  const follow = async (name: string, env: NodeJS.ProcessEnv) => {
    produced = 0;
    line = await Line.open(name, { extract: { mode: 'follow', commitInterval: '1s' }, env });
    line.startWorker();
    await produce(500);
    expect((await line.elt(['run', 'extract', '--detach'])).exitCode).toBe(0);
    await caughtUp();
  };

  test('metastore: reply dropped, and cut inside a commit', async () => {
    const proxy = await proxyOf(addresses().catalog.metastore);
    await follow('hms', { ELT_CATALOG_METASTORE: `thrift://${proxy.address}` });

    const dropped = proxy.dropReply(alterTable);
    await produce(500);
    await dropped;
    await caughtUp();

    const reached = proxy.stopBefore(alterTable);
    await produce(500);
    await reached;
    await proxy.cut();
    await pause(3_000);
    await proxy.restore();
    await caughtUp();

    await expectExactlyOnce();
  }, 900_000);

  test('Spark REST and Redis: replies dropped after the request went through make no second driver', async () => {
    const spark = await proxyOf(addresses().spark.rest[0] as string);
    const redis = await proxyOf(addresses().redis.url);
    const env = { ELT_SPARK_REST: `http://${spark.address}`, ELT_REDIS_URL: `redis://${redis.address}` };
    line = await Line.open('replies', { env });
    produced = 0;
    await produce(500);
    const created = spark.dropReply('POST /v1/submissions/create');
    // Every change of a run is a script; a queue job moves by scripts too.
    const changed = redis.dropReply('evalsha', 8);
    const ended = await line.elt(['run', 'extract', '-o', 'json'], { timeoutMs: 400_000 });
    await Promise.all([created, changed]);
    const report = JSON.parse(String(ended.stdout));
    expect(report).toMatchObject({ state: 'succeeded', rows: 500, verified: true });
    expect(driversEver(line)).toBe(1);
    await expectExactlyOnce();
  }, 600_000);

  test('S3: errors for a share of the requests, 403 for everything, a full disk', async () => {
    const front = await openS3Faults(addresses().s3.endpoint);
    closers.push(() => front.close());
    await follow('s3', { ELT_S3_ENDPOINT: front.endpoint });
    const random = seededRandom('S3 faults');
    for (const fault of [errorsForShare(0.1 + 0.2 * random(), random), forbidAll, diskFull]) {
      const before = front.counts.failed;
      const startedAt = Date.now();
      front.fail(fault);
      await until(
        'the fault was met and has lasted',
        async () => {
          await produce(100);
          // What was committed can be read all the time.
          expect(await line.count(`SELECT count(*) FROM ${line.raw}`)).toBeGreaterThanOrEqual(500);
          return Date.now() - startedAt > outageMs && front.counts.failed > before;
        },
        outageMs + 120_000,
      );
      front.heal();
      await caughtUp();
    }
    await expectExactlyOnce();
  }, 900_000);

  test('Kafka: a partitioned network, a killed broker, more partitions', async () => {
    const port = await freePort();
    const proxy = await proxyOf(`127.0.0.1:${port}`);
    const broker = await KafkaBroker.prepare(port, proxy.address);
    closers.push(() => broker.close());
    await broker.start();
    await follow('kafka', { ELT_KAFKA_BOOTSTRAP_SERVERS: proxy.address });

    await produce(500);
    proxy.hold();
    await pause(outageMs);
    await proxy.restore();
    await produce(500);
    await caughtUp();

    await broker.kill();
    await pause(1_000);
    await broker.start();
    const admin = line.kafka.admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic: line.topic, count: 5 }] });
    await admin.disconnect();
    await line.produce(Array.from({ length: 10 }, (_, index) => ({ value: String(produced++), partition: index % 5 })));
    await caughtUp();
    expect(await line.count(`SELECT count(DISTINCT kafka_partition) FROM ${line.raw}`)).toBe(5);
    await expectExactlyOnce();
  }, 900_000);
});

function addresses(): {
  catalog: { metastore: string };
  spark: { rest: string[] };
  redis: { url: string };
  s3: { endpoint: string };
} {
  return JSON.parse(readFileSync(join(stackDir(), 'stack.json'), 'utf8')).config;
}

/** How many drivers Spark's worker ever started for a line: each has a folder, whose stderr begins with its command line. */
function driversEver(line: Line): number {
  const work = join(stackDir(), 'data/spark/work');
  const drivers = readdirSync(work).filter((name) => name.startsWith('driver-'));
  return drivers.filter((name) =>
    readFileSync(join(work, name, 'stderr'), 'utf8').includes(`elt-extract-${line.topic}-`),
  ).length;
}
