/** What docker-compose.yml's engines would read, read by the real engines of the native stack. Those of metrics: compose-metrics.test.ts. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { Kafka, logLevel } from 'kafkajs';
import fetch from 'node-fetch';
import { createTopic } from '../../src/kafka/create-topic.js';
import { getJson, trinoStatement } from '../../src/stack/probes/http.js';
import { ensureBucket } from '../../src/stack/probes/s3-bucket.js';
import { secretOf } from '../compose/compose-file.js';
import { freePort } from '../redis-server.js';
import { composeArguments } from './compose-command.js';
import { stackDir } from './harness.js';
import { homes, java, RenderedConfig, type Replacements, retried, tools } from './rendered-config.js';

const host = '127.0.0.1';
const smallJvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
const soon = () => AbortSignal.timeout(10_000);
let config: RenderedConfig;

beforeAll(async () => {
  config = await RenderedConfig.make();
});

afterAll(async () => await config.close());

const freePorts = async (count: number) => (await Promise.all(Array.from({ length: count }, freePort))) as number[];

function folder(name: string): string {
  const path = join(config.folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

test('two brokers of Kafka, one of them the controller, hold both replicas of every partition', async () => {
  const [first, second, controller, ...published] = await freePorts(5);
  const swaps = (name: string): Replacements => [
    [/kafka[12]:9093|0\.0\.0\.0:9093/g, `${host}:${first}`],
    [/kafka[12]:9092|0\.0\.0\.0:9092/g, `${host}:${second}`],
    [/(kafka1|0\.0\.0\.0):19090/g, `${host}:${controller}`],
    [/0\.0\.0\.0:19093|localhost:9093/g, `${host}:${published[0]}`],
    [/0\.0\.0\.0:19092|localhost:9092/g, `${host}:${published[1]}`],
    ['/var/lib/kafka/data', join(config.folder, `${name}-data`)],
  ];
  const flags = ['-Xmx256m', ...smallJvm, '-cp', join(homes.kafka, '*')];
  const start = async (name: string) => {
    const file = config.here(`${name}/server.properties`, swaps(name));
    await execa(java, [...flags, 'kafka.tools.StorageTool', 'format', '-t', 'ZWx0LWVsdC1lbHQtZWx0LQ', '-c', file]);
    config.start(java, [...flags, 'kafka.Kafka', file]);
  };
  await Promise.all(['kafka1', 'kafka2'].map(start));
  const bootstrapServers = `${host}:${first},${host}:${second}`;
  const settings = { partitions: 4, replicas: 2 };
  await retried(async () => await createTopic({ bootstrapServers, properties: {} }, 'number_ingestion', settings));
  const admin = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: ['number_ingestion'] });
  await admin.disconnect();
  const replicas = topics[0]?.partitions.map((one) => [...one.replicas].sort());
  expect(replicas).toEqual(Array.from({ length: 4 }, () => [1, 2]));
}, 180_000);

test('MariaDB takes its file', async () => {
  const file = config.here('mariadb/my.cnf', [[/^user = .*$/gm, '']]);
  const { exitCode, stderr } = await execa(tools.mariadbd, [`--defaults-file=${file}`, '--verbose', '--help'], {
    reject: false,
  });
  expect([exitCode, /unknown (variable|option)/.exec(stderr)?.[0]]).toEqual([0, undefined]);
}, 60_000);

test('Redis starts with its file and serves', async () => {
  const port = await freePort();
  const file = config.here('redis/redis.conf', [
    [/^dir .*$/gm, `dir ${folder('redis-data')}`],
    [/^bind .*$/gm, `bind ${host}`],
    [/^port .*$/gm, `port ${port}`],
  ]);
  config.start(tools.redisServer, [file], { argv0: 'redis-server' } as object);
  const { stdout } = await retried(
    async () => await execa('redis-cli', ['-p', String(port), 'config', 'get', 'maxmemory-policy']),
  );
  expect(stdout.split('\n')).toEqual(['maxmemory-policy', 'noeviction']);
}, 120_000);

test('SeaweedFS starts with its identities: the key of .env makes the bucket, nobody else is let in', async () => {
  const [port, ...others] = (await freePorts(8)) as [number, ...number[]];
  const args = composeArguments('s3', [
    ['/data', folder('s3-data')],
    ['-ip=s3', `-ip=${host}`],
    ['0.0.0.0', host],
    ['8333', String(port)],
    ['/conf', join(config.folder, 'seaweedfs')],
  ]);
  // Each of its servers takes a port, and one more for gRPC; a container has them to itself.
  const flags = ['s3.port.grpc', 'master.port', 'master.port.grpc', 'volume.port', 'volume.port.grpc'];
  const ports = [...flags, 'filer.port', 'filer.port.grpc'].map((flag, index) => `-${flag}=${others[index]}`);
  const none = ['-s3.port.iceberg=0', '-s3.port.lance=0'];
  config.start(join(homes.seaweedfs, 'weed'), ['-logtostderr=true', 'server', ...args, ...ports, ...none]);
  const endpoint = `http://${host}:${port}`;
  const access = { endpoint, region: 'us-east-1', accessKey: 'elt', secretKey: secretOf('S3_SECRET_KEY') };
  await retried(async () => await ensureBucket(access, 'lakehouse', soon()));
  expect((await fetch(`${endpoint}/lakehouse`, { signal: soon() })).status).toBe(403);
  await expect(ensureBucket({ ...access, secretKey: 'another' }, 'lakehouse', soon())).rejects.toThrow(
    'S3 answered 403',
  );
}, 120_000);

test('Spark’s master and worker start with their file: recovery, REST, the cores and memory on offer', async () => {
  const [master, masterUi, rest, worker, workerUi] = await freePorts(5);
  const swaps: Replacements = [
    [/spark-master|spark-worker/g, host],
    [/\b7077\b/g, String(master)],
    [/\b8080\b/g, String(masterUi)],
    [/\b6066\b/g, String(rest)],
    [/\b7078\b/g, String(worker)],
    [/\b8081\b/g, String(workerUi)],
    ['/opt/spark', folder('spark-home')],
  ];
  const recovery = folder('spark-home/recovery');
  config.here('spark/spark-defaults.conf', swaps, 'spark-conf/spark-defaults.conf');
  config.here('spark/log4j2.properties', swaps, 'spark-conf/log4j2.properties');
  const env = {
    JAVA_HOME: tools.javaHome,
    SPARK_HOME: homes.spark,
    SPARK_CONF_DIR: folder('spark-conf'),
    SPARK_LOCAL_IP: host,
    SPARK_DAEMON_MEMORY: '256m',
    SPARK_DAEMON_JAVA_OPTS: smallJvm.join(' '),
  };
  for (const name of ['spark-master', 'spark-worker']) {
    config.start(join(homes.spark, 'bin/spark-class'), composeArguments(name, swaps), { env });
  }
  const state = await retried(async () => {
    const found = (await getJson(`http://${host}:${masterUi}/json/`, soon())) as Record<string, unknown>;
    if (found['aliveworkers'] !== 1) throw new Error(JSON.stringify(found));
    return found;
  });
  expect(state).toMatchObject({ status: 'ALIVE', cores: 12, memory: 4608 });
  await getJson(`http://${host}:${rest}/v1/submissions/status/none`, soon());
  expect((await execa('ls', [recovery])).stdout).toMatch(/^worker_/);
}, 180_000);

test('Trino starts with its files, and its catalog finds the tables of the metastore', async () => {
  const port = await freePort();
  const { config: stack } = JSON.parse(readFileSync(join(stackDir(), 'stack.json'), 'utf8'));
  const place = folder('trino-conf');
  const swaps: Replacements = [
    ['0.0.0.0', host],
    [/(?<=\/\/|=)trino\b(?!\/)/g, host],
    [/\b8090\b/g, String(port)],
    ['/etc/trino', place],
    ['/data/trino', folder('trino-data')],
    ['/usr/lib/trino/plugin', join(homes.trino, 'plugin')],
    ['thrift://metastore:9083', stack.catalog.metastore],
  ];
  const files = [
    'config.properties',
    'node.properties',
    'log.properties',
    'catalog/lakehouse.properties',
    'jvm.config',
  ];
  for (const name of files) config.here(`trino/${name}`, swaps, `trino-conf/${name}`);
  const lines = (name: string) => readFileSync(join(place, name), 'utf8').split('\n').filter(Boolean);
  const args = [
    ...lines('jvm.config'),
    // The last one counts: this machine holds a whole stack beside it.
    ...['-Xmx800M', '-XX:TieredStopAtLevel=1'],
    `-Dconfig=${join(place, 'config.properties')}`,
    `-Dlog.levels-file=${join(place, 'log.properties')}`,
    ...lines('node.properties').map((line) => `-D${line}`),
    ...['-cp', join(homes.trino, 'lib', '*'), 'io.trino.server.TrinoServer'],
  ];
  const env = { AWS_ACCESS_KEY_ID: 'elt', AWS_SECRET_ACCESS_KEY: secretOf('S3_SECRET_KEY'), AWS_REGION: 'us-east-1' };
  config.start(join(homes['java-trino'], 'bin/java'), args, { env });
  const url = `http://${host}:${port}`;
  await retried(async () => {
    const info = (await getJson(`${url}/v1/info`, soon())) as { starting?: boolean };
    if (info.starting !== false) throw new Error('the server is still starting');
  }, 200_000);
  const ask = async (sql: string) => await trinoStatement(url, sql, AbortSignal.timeout(60_000));
  await retried(async () => await ask('SELECT 1'), 60_000);
  await ask('SHOW SCHEMAS FROM lakehouse');
  await expect(ask('SHOW SCHEMAS FROM another')).rejects.toThrow("'another'");
}, 360_000);
