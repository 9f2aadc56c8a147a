/** What docker-compose.yml's engines would read, read by the real engines of the native stack. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa, type ResultPromise } from 'execa';
import { Kafka, logLevel } from 'kafkajs';
import { createTopic } from '../../src/kafka/create-topic.js';
import { renderComposeConfig } from '../../src/stack/compose-config.js';
import { engineHomes } from '../../src/stack/engine-homes.js';
import { cacheRoot } from '../../src/stack/layout.js';
import { loadManifest } from '../../src/stack/manifest.js';
import { findTools } from '../../src/stack/tools.js';
import { exampleEnvironment } from '../compose/compose-file.js';
import { freePort } from '../redis-server.js';

const manifest = loadManifest();
const tools = findTools(manifest, process.env, false);
const java = join(tools.javaHome, 'bin', 'java');
const kafkaJars = join(engineHomes(manifest, cacheRoot(process.env)).kafka, '*');
let folder: string;
const brokers: ResultPromise[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'elt-compose-'));
  await renderComposeConfig(exampleEnvironment(), folder);
});

afterAll(async () => {
  for (const broker of brokers) broker.kill('SIGKILL');
  await Promise.allSettled(brokers);
  rmSync(folder, { recursive: true, force: true });
});

/** A rendered file with the names and places of containers replaced by those of this test. */
function here(file: string, replacements: readonly (readonly [string | RegExp, string])[]): string {
  const text = readFileSync(join(folder, file), 'utf8');
  const path = join(folder, `${file}.here`);
  writeFileSync(
    path,
    replacements.reduce((sum, [from, to]) => sum.replaceAll(from, to), text),
  );
  return path;
}

test('two brokers of Kafka, one of them the controller, hold both replicas of every partition', async () => {
  const [first, second, controller, ...host] = await Promise.all(Array.from({ length: 5 }, freePort));
  const swaps = (name: string): (readonly [string | RegExp, string])[] => [
    [/kafka[12]:9093|0\.0\.0\.0:9093/g, `127.0.0.1:${first}`],
    [/kafka[12]:9092|0\.0\.0\.0:9092/g, `127.0.0.1:${second}`],
    [/(kafka1|0\.0\.0\.0):19090/g, `127.0.0.1:${controller}`],
    [/0\.0\.0\.0:19093|localhost:9093/g, `127.0.0.1:${host[0]}`],
    [/0\.0\.0\.0:19092|localhost:9092/g, `127.0.0.1:${host[1]}`],
    ['/var/lib/kafka/data', join(folder, `${name}-data`)],
  ];
  for (const name of ['kafka1', 'kafka2']) {
    const file = here(`${name}/server.properties`, swaps(name));
    const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', kafkaJars];
    await execa(java, [...flags, 'kafka.tools.StorageTool', 'format', '-t', 'ZWx0LWVsdC1lbHQtZWx0LQ', '-c', file]);
    brokers.push(execa(java, [...flags, 'kafka.Kafka', file], { reject: false, stdio: 'ignore' }));
  }
  const bootstrapServers = `127.0.0.1:${first},127.0.0.1:${second}`;
  const settings = { partitions: 4, replicas: 2 };
  await retried(async () => await createTopic({ bootstrapServers, properties: {} }, 'number_ingestion', settings));
  const admin = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: ['number_ingestion'] });
  await admin.disconnect();
  expect(topics[0]?.partitions.map(({ replicas }) => [...replicas].sort())).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
});

test('MariaDB takes its file', async () => {
  const file = here('mariadb/my.cnf', [[/^user = .*$/gm, '']]);
  const { exitCode, stderr } = await execa(tools.mariadbd, [`--defaults-file=${file}`, '--verbose', '--help'], {
    reject: false,
  });
  expect([exitCode, /unknown (variable|option)/.exec(stderr)?.[0]]).toEqual([0, undefined]);
});

test('Redis starts with its file and serves', async () => {
  const port = await freePort();
  mkdirSync(join(folder, 'redis-data'));
  const file = here('redis/redis.conf', [
    [/^dir .*$/gm, `dir ${join(folder, 'redis-data')}`],
    [/^bind .*$/gm, 'bind 127.0.0.1'],
    [/^port .*$/gm, `port ${port}`],
  ]);
  const server = execa(tools.redisServer, [file], { argv0: 'redis-server', reject: false } as object);
  brokers.push(server);
  const { stdout } = await retried(
    async () => await execa('redis-cli', ['-p', String(port), 'config', 'get', 'maxmemory-policy']),
  );
  expect(stdout.split('\n')).toEqual(['maxmemory-policy', 'noeviction']);
});

async function retried<T>(act: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 90_000; ; ) {
    try {
      return await act();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
