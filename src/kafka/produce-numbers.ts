import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type PartitionMetadata, type Producer } from 'kafkajs';
import { type KafkaAddress, withAdmin, withProducer } from './connection.js';
import { randomNumbers } from './random-numbers.js';
import { requireTopic } from './topic-missing.js';

export interface NumbersRequest {
  readonly topic: string;
  readonly count: number;
  readonly seed: number;
  /** With the number as key, so that equal numbers meet in one Kafka partition; else without key, in turn. */
  readonly isKeyed: boolean;
  /** Records per second; null: as fast as the broker takes them. */
  readonly ratePerSecond: number | null;
}

/** What the broker acknowledged in one Kafka partition; offsets as decimal strings. */
export interface AcknowledgedPartition {
  readonly partition: number;
  readonly count: number;
  readonly firstOffset: string;
  readonly lastOffset: string;
}

/** Grows while records are acknowledged, so that it is known what arrived even when producing fails half-way. */
export class Acknowledgements {
  readonly #partitions = new Map<number, AcknowledgedPartition>();

  add(partition: number, first: bigint, count: number): void {
    const known = this.#partitions.get(partition);
    this.#partitions.set(partition, {
      partition,
      count: (known?.count ?? 0) + count,
      firstOffset: known?.firstOffset ?? String(first),
      lastOffset: String(first + BigInt(count) - 1n),
    });
  }

  /** Ascending. */
  get partitions(): readonly AcknowledgedPartition[] {
    return [...this.#partitions.values()].sort((left, right) => left.partition - right.partition);
  }

  get total(): number {
    return this.partitions.reduce((sum, { count }) => sum + count, 0);
  }
}

export interface ProduceOptions {
  readonly acknowledgements: Acknowledgements;
  /** Stops after the batch under way. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((acknowledged: number) => void) | undefined;
}

const batchRecords = 10_000;
const ratedBatchesPerSecond = 10;

/**
 * Produces random integers as text with acks=all by an idempotent producer. What was acknowledged is in `acknowledgements`.
 * Throws EltError `topic-missing` (exit 2) or `unreachable` (exit 5).
 */
export async function produceNumbers(
  kafka: KafkaAddress,
  request: NumbersRequest,
  options: ProduceOptions,
): Promise<void> {
  const partitions = await partitionsOf(kafka, request.topic);
  const settings = {
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 8 },
  };
  await withProducer(kafka, settings, (producer) => produceAll(producer, request, partitions, options));
}

async function partitionsOf(kafka: KafkaAddress, topic: string): Promise<PartitionMetadata[]> {
  return await withAdmin(kafka, async (admin) => {
    await requireTopic(admin, topic, kafka.bootstrapServers);
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions ?? [];
  });
}

async function produceAll(
  producer: Producer,
  request: NumbersRequest,
  partitions: PartitionMetadata[],
  { acknowledgements, signal, onProgress }: ProduceOptions,
): Promise<void> {
  const messages = messagesOf(request, partitions);
  const size = batchSize(request);
  const startedAt = performance.now();
  for (let sent = 0; sent < request.count && !signal?.aborted; ) {
    const batch = Array.from({ length: Math.min(size, request.count - sent) }, () => messages.next().value);
    const answers = await producer.send({ topic: request.topic, acks: -1, messages: batch });
    for (const { partition, baseOffset } of answers) {
      const count = batch.filter((message) => message.partition === partition).length;
      acknowledgements.add(partition, BigInt(baseOffset ?? '0'), count);
    }
    sent += batch.length;
    onProgress?.(sent);
    await keepRate(request, sent, startedAt, signal);
  }
}

interface NumberMessage {
  readonly key: string | null;
  readonly value: string;
  readonly partition: number;
}

/** The Kafka partition is chosen here, because the broker's answer does not say how many records of a batch it covers. */
function* messagesOf(
  { topic, seed, isKeyed }: NumbersRequest,
  partitionMetadata: PartitionMetadata[],
): Generator<NumberMessage, never> {
  const byKey = kafkajs.Partitioners.DefaultPartitioner();
  const numbers = randomNumbers(seed);
  for (let index = 0; ; index++) {
    const value = numbers.next().value;
    const key = isKeyed ? value : null;
    const partition = isKeyed
      ? byKey({ topic, partitionMetadata, message: { key, value } })
      : (partitionMetadata[index % partitionMetadata.length] as PartitionMetadata).partitionId;
    yield { key, value, partition };
  }
}

function batchSize({ ratePerSecond }: NumbersRequest): number {
  if (ratePerSecond === null) return batchRecords;
  return Math.max(1, Math.min(batchRecords, Math.round(ratePerSecond / ratedBatchesPerSecond)));
}

async function keepRate(
  { ratePerSecond, count }: NumbersRequest,
  sent: number,
  startedAt: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (ratePerSecond === null || sent >= count) return;
  const aheadMs = (sent / ratePerSecond) * 1000 - (performance.now() - startedAt);
  if (aheadMs > 0) await delay(aheadMs, undefined, { signal }).catch(() => undefined);
}
