import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { loadConfig } from '../../../src/commons/config.js';
import { topicOffsets } from '../../../src/kafka/lag.js';
import { Line, root } from '../harness.js';

describe('generate_number.sh', () => {
  let line: Line;

  beforeAll(async () => {
    line = await Line.open('generate', { partitions: 2 });
  });

  afterAll(async () => await line.close());

  const generate = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    execa(join(root, 'generate_number.sh'), args, {
      cwd: line.dir,
      env: { ...line.env, ...env },
      extendEnv: false,
      reject: false,
      timeout: 60_000,
    });

  const read = async (count: number) => {
    const consumer = line.kafka.consumer({ groupId: `${line.topic}-${Date.now()}` });
    const values: { key: string | null; value: string; partition: number }[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: line.topic, fromBeginning: true });
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: async ({ message, partition }) => {
          values.push({ key: message.key?.toString() ?? null, value: String(message.value), partition });
          if (values.length === count) resolve();
        },
      });
    });
    await consumer.disconnect();
    return values;
  };

  test('what it says was acknowledged is what the topic holds; the same seed repeats itself', async () => {
    const first = await generate(['500', '--topic', line.topic, '--seed', '5']);
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toMatch(/0 +250 +0 +249\n +1 +250 +0 +249\n500 of 500 records acknowledged/);
    const keyed = await generate(['500', '--topic', line.topic, '--seed', '5', '--keyed']);
    expect(keyed.exitCode).toBe(0);

    const records = await read(1_000);
    const plain = records.filter(({ key }) => key === null).map(({ value }) => value);
    const withKey = records.filter(({ key }) => key !== null);
    expect(plain).toHaveLength(500);
    expect(plain.toSorted()).toEqual(withKey.map(({ value }) => value).toSorted());
    expect(withKey.every(({ key, value }) => key === value)).toBe(true);
    const partitionOf = new Map(withKey.map(({ value, partition }) => [value, partition]));
    expect(withKey.every(({ value, partition }) => partitionOf.get(value) === partition)).toBe(true);
  });

  test('a rate is kept', async () => {
    const startedAt = performance.now();
    expect((await generate(['40', '--topic', line.topic, '--rate', '20'])).exitCode).toBe(0);
    expect(performance.now() - startedAt).toBeGreaterThan(1_800);
  });

  test('a missing topic says how to get it, and --partitions makes it', async () => {
    const topic = `${line.topic}_new`;
    const refused = await generate(['10', '--topic', topic]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(`Topic "${topic}" does not exist`);
    expect(refused.stderr).toContain('--partitions 3');
    expect((await generate(['10', '--topic', topic, '--partitions', '3'])).exitCode).toBe(0);
    const { kafka } = loadConfig({ env: line.env, cwd: line.dir });
    const offsets = await topicOffsets(kafka, topic);
    expect(Object.values(offsets).reduce((sum, { end }) => sum + Number(end), 0)).toBe(10);
    await expect(topicOffsets(kafka, `${topic}_gone`)).rejects.toMatchObject({ code: 'topic-missing', exitCode: 2 });
    const admin = line.kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });

  test('a broker that is down is told within seconds: exit 5', async () => {
    const startedAt = performance.now();
    const refused = await generate(['10'], { ELT_KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' });
    expect(refused.exitCode).toBe(5);
    expect(refused.stderr).toContain('Kafka at 127.0.0.1:1 cannot be reached');
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });
});
