import { openGeneration, type Position, sortedPartitions } from '../commons/position.js';
import { type KafkaAddress, withAdmin } from './connection.js';
import { requireTopic } from './topic-missing.js';

/** What a broker holds of one Kafka partition. Both are offsets as decimal strings; `end` is the next one to be written. */
export interface PartitionOffsets {
  readonly earliest: string;
  readonly end: string;
}

/** By Kafka partition. */
export type TopicOffsets = Readonly<Record<string, PartitionOffsets>>;

/**
 * Earliest and end offsets of a topic. Throws EltError `topic-missing` (exit 2) or `unreachable` (exit 5, within about 5 s).
 * kafkajs shows no topic ids: a topic that was deleted and created again is recognised by the drivers, not here.
 */
export async function topicOffsets(kafka: KafkaAddress, topic: string): Promise<TopicOffsets> {
  return await withAdmin(kafka, async (admin) => {
    await requireTopic(admin, topic, kafka.bootstrapServers);
    const partitions = await admin.fetchTopicOffsets(topic);
    return Object.fromEntries(partitions.map(({ partition, low, high }) => [partition, { earliest: low, end: high }]));
  });
}

/** Offsets not yet read, per Kafka partition and in all, as decimal strings. */
export interface Lag {
  readonly total: string;
  readonly partitions: Readonly<Record<string, string>>;
}

/**
 * How far a position is behind the topic. A partition that the position does not know counts from its earliest offset,
 * as does one whose retention has passed the position. Never negative.
 */
export function lagOf(position: Position | null, offsets: TopicOffsets): Lag {
  const read = openGeneration(position)?.offsets ?? {};
  const lags = sortedPartitions(offsets).map((partition): [string, bigint] => {
    const { earliest, end } = offsets[partition] as PartitionOffsets;
    const next = largest(BigInt(read[partition] ?? earliest), BigInt(earliest));
    return [partition, largest(BigInt(end) - next, 0n)];
  });
  const total = lags.reduce((sum, [, lag]) => sum + lag, 0n);
  return {
    total: String(total),
    partitions: Object.fromEntries(lags.map(([partition, lag]) => [partition, String(lag)])),
  };
}

function largest(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
