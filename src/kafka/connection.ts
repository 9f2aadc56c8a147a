import './calm-timer.js';
import kafkajs, { type Admin, type Kafka, type KafkaConfig, type Producer, type ProducerConfig } from 'kafkajs';
import { EltError, unreachable } from '../commons/errors.js';
import { type KafkaAddress, securityOf } from './security.js';

export type { KafkaAddress } from './security.js';

/** A broker that is down is reported after at most this long. */
const answerTimeoutMs = 5_000;

/** Settings for kafkajs: silent (its own logger writes JSON to stdout), bounded, no partitioner warning. */
export function kafkaSettings(kafka: KafkaAddress): KafkaConfig {
  return {
    clientId: 'elt',
    brokers: kafka.bootstrapServers.split(',').map((broker) => broker.trim()),
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: 2_000,
    authenticationTimeout: 3_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 150, maxRetryTime: 1_000, retries: 2 },
    ...securityOf(kafka),
  };
}

/** Runs something with an admin client and always disconnects it. Throws EltError `unreachable` (exit 5) with the address. */
export async function withAdmin<T>(kafka: KafkaAddress, use: (admin: Admin) => Promise<T>): Promise<T> {
  return await withClient(kafka, (client) => client.admin(), use);
}

/** Runs something with an idempotent producer (acks=all) and always disconnects it. */
export async function withProducer<T>(
  kafka: KafkaAddress,
  settings: ProducerConfig,
  use: (producer: Producer) => Promise<T>,
): Promise<T> {
  return await withClient(kafka, (client) => client.producer(settings), use);
}

interface Client {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

async function withClient<C extends Client, T>(
  kafka: KafkaAddress,
  open: (client: Kafka) => C,
  use: (client: C) => Promise<T>,
): Promise<T> {
  const client = open(new kafkajs.Kafka(kafkaSettings(kafka)));
  try {
    await connect(client, kafka);
    return await use(client);
  } catch (error) {
    throw asEltError(error, kafka);
  } finally {
    await client.disconnect().catch(() => undefined);
  }
}

async function connect(client: Client, kafka: KafkaAddress): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    const reason = new Error(`no answer within ${answerTimeoutMs / 1000} s`);
    timer = setTimeout(() => reject(kafkaUnreachable(kafka, reason)), answerTimeoutMs);
  });
  try {
    await Promise.race([client.connect(), expired]);
  } finally {
    clearTimeout(timer);
  }
}

function asEltError(error: unknown, kafka: KafkaAddress): unknown {
  if (error instanceof EltError) return error;
  return isConnectionTrouble(error) ? kafkaUnreachable(kafka, rootOf(error)) : error;
}

function kafkaUnreachable(kafka: KafkaAddress, cause: unknown): EltError {
  const hint = 'Is it up? elt stack status. To use another broker: ELT_KAFKA_BOOTSTRAP_SERVERS=host:port.';
  return unreachable('Kafka', kafka.bootstrapServers, cause, hint);
}

const connectionTroubles = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSSASLAuthenticationError',
]);

function isConnectionTrouble(error: unknown): boolean {
  const root = rootOf(error);
  return root instanceof Error && connectionTroubles.has(root.name);
}

/** kafkajs wraps what happened in KafkaJSNumberOfRetriesExceeded and the like. */
function rootOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? error : rootOf(cause);
}
