import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { exists } from '../files.js';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { kafkaMetadata } from '../probes/kafka-metadata.js';
import { renderFile } from '../render.js';
import { runTool } from '../run-tool.js';
import { host, type Service, type StackContext } from '../service.js';
import { java17 } from './java.js';

const configFile = (context: StackContext) => join(context.layout.conf, 'kafka', 'server.properties');
const dataFolder = (context: StackContext) => join(context.layout.data, 'kafka');
const classPath = (context: StackContext) => join(context.homes.kafka, '*');
const logging = `-Dlog4j.configuration=file:${join(packageRoot, 'infra', 'kafka', 'log4j.properties')}`;

/** Kafka in KRaft mode: one process is broker and controller. */
export const kafka: Service = {
  name: 'kafka',
  needs: [],
  ports: ['kafka', 'kafkaController'],
  version: (context) => engine(context.manifest, 'kafka').version,
  endpoint: (context) => `${host}:${context.ports.kafka}`,
  prepare: async (context) => {
    const template = join(packageRoot, 'infra', 'kafka', 'server.properties');
    await renderFile(template, configFile(context), { ...context.values, ...oneBroker(context) });
    if (await isFormatted(context)) return;
    const tool = ['kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', newClusterId()];
    const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', logging, '-cp', classPath(context)];
    await runTool(java17(context), [...flags, ...tool, '-c', configFile(context)]);
  },
  command: (context) => ({
    file: java17(context),
    args: [
      '-Xms256m',
      '-Xmx768m',
      '-XX:+UseG1GC',
      '-XX:-UsePerfData',
      logging,
      '-cp',
      classPath(context),
      'kafka.Kafka',
      configFile(context),
    ],
  }),
  probe: async (context, signal) => {
    const { brokers, controllerId } = await kafkaMetadata(host, context.ports.kafka, signal);
    if (brokers === 0 || controllerId < 0) throw new Error('the broker has not joined its controller yet');
  },
  readyTimeoutMs: 180_000,
  stopTimeoutMs: 30_000,
};

/** Broker and controller in one. */
function oneBroker(context: StackContext) {
  const { kafka: port, kafkaController } = context.ports;
  return {
    KAFKA_ROLES: 'broker,controller',
    KAFKA_NODE_ID: 1,
    KAFKA_VOTERS: `1@${host}:${kafkaController}`,
    KAFKA_LISTENERS: `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${kafkaController}`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${host}:${port}`,
    KAFKA_DATA_DIR: dataFolder(context),
    KAFKA_REPLICAS: 1,
  };
}

/** A UUID in base64url, as Kafka wants it; a leading "-" would look like an option. */
function newClusterId(): string {
  return `e${randomBytes(16).toString('base64url').slice(1)}`;
}

function isFormatted(context: StackContext): Promise<boolean> {
  return exists(join(dataFolder(context), 'meta.properties'));
}
