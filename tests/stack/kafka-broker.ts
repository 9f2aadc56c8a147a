/** A Kafka broker of a test's own, from the stack's jars, whose advertised address is somebody else's: a proxy's. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { kafkaMetadata } from '../../src/stack/probes/kafka-metadata.js';
import { renderText } from '../../src/stack/render.js';
import { root, stackDir, until } from './harness.js';

const host = '127.0.0.1';

export class KafkaBroker {
  readonly port: number;
  readonly #dir: string;
  readonly #java: (...args: string[]) => ResultPromise;
  #process: ResultPromise | undefined;

  private constructor(port: number, dir: string, java: (...args: string[]) => ResultPromise) {
    this.port = port;
    this.#dir = dir;
    this.#java = java;
  }

  /** Formats the data folder; clients are told to come to `advertised` (`host:port`). */
  static async prepare(port: number, advertised: string): Promise<KafkaBroker> {
    const { paths } = JSON.parse(readFileSync(join(stackDir(), 'stack.json'), 'utf8'));
    const dir = mkdtempSync(join(tmpdir(), 'elt-broker-'));
    const template = readFileSync(join(root, 'infra/kafka/server.properties'), 'utf8');
    const controller = await freePort();
    const values = {
      KAFKA_ROLES: 'broker,controller',
      KAFKA_NODE_ID: 1,
      KAFKA_VOTERS: `1@${host}:${controller}`,
      KAFKA_LISTENERS: `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controller}`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${advertised}`,
      KAFKA_DATA_DIR: join(dir, 'data'),
      KAFKA_REPLICAS: 1,
    };
    const properties = renderText(template, values, '.properties', 'server.properties');
    writeFileSync(join(dir, 'server.properties'), properties);
    const logging = `-Dlog4j.configuration=file:${join(root, 'infra/kafka/log4j.properties')}`;
    const flags = ['-Xmx300m', '-XX:TieredStopAtLevel=1', logging, '-cp', join(paths.kafkaJars, '*')];
    const java = (...args: string[]) =>
      execa(join(paths.javaHome, 'bin/java'), [...flags, ...args, join(dir, 'server.properties')], {
        stdio: 'ignore',
        reject: false,
      });
    await java('kafka.tools.StorageTool', 'format', '-t', 'eltTestBrokerOfItsOwnXX', '-c');
    return new KafkaBroker(port, dir, java);
  }

  async start(): Promise<void> {
    this.#process = this.#java('kafka.Kafka');
    await until('the broker answers', async () => {
      const { brokers, controllerId } = await kafkaMetadata(host, this.port, AbortSignal.timeout(2_000)).catch(() => ({
        brokers: 0,
        controllerId: -1,
      }));
      return brokers > 0 && controllerId >= 0;
    });
  }

  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#process;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.listen(0, host, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
