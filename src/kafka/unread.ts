import type { Admin } from 'kafkajs';
import { openGeneration, type Position } from '../commons/position.js';
import { type KafkaAddress, withAdmin } from './connection.js';
import { lagOf, type TopicOffsets } from './lag.js';
import { requireTopic } from './topic-missing.js';

/** Kafka's number for "a topic" among the resources that have a configuration. */
const topicResource = 2;
/** The search for the oldest unread record ends with this precision. */
const precisionMs = 1_000;
const longestSearchMs = 365 * 86_400_000;

/** What a topic holds that was not read. */
export interface Unread {
  readonly records: bigint;
  /** The time of the oldest unread record, by the brokers' index of record times, in ms since 1970; null: nothing is unread. */
  readonly oldestAt: number | null;
  /** After which age Kafka deletes records; null: never, or not by age alone. */
  readonly retentionMs: number | null;
}

/** Asks the brokers. Throws EltError `topic-missing` or `unreachable`. */
export async function unreadOf(
  kafka: KafkaAddress,
  topic: string,
  position: Position | null,
  now = Date.now(),
): Promise<Unread> {
  return await withAdmin(kafka, async (admin) => {
    await requireTopic(admin, topic, kafka.bootstrapServers);
    const partitions = await admin.fetchTopicOffsets(topic);
    const offsets: TopicOffsets = Object.fromEntries(
      partitions.map(({ partition, low, high }) => [partition, { earliest: low, end: high }]),
    );
    const lag = lagOf(position, offsets);
    const retentionMs = await retentionOf(admin, topic);
    if (lag.total === '0') return { records: 0n, oldestAt: null, retentionMs };
    const next = nextUnread(position, offsets, lag.partitions);
    const isOlderThan = async (time: number) => {
      const found = await admin.fetchTopicOffsetsByTimestamp(topic, time);
      return found.some(({ partition, offset }) => BigInt(offset) > (next.get(partition) ?? BigInt(offset)));
    };
    return { records: BigInt(lag.total), oldestAt: await oldest(isOlderThan, now, retentionMs), retentionMs };
  });
}

/** The first unread offset of each partition that has one. */
function nextUnread(position: Position | null, offsets: TopicOffsets, lag: Readonly<Record<string, string>>) {
  const read = openGeneration(position)?.offsets ?? {};
  const next = new Map<number, bigint>();
  for (const [partition, { earliest }] of Object.entries(offsets)) {
    if (lag[partition] === '0') continue;
    const known = BigInt(read[partition] ?? earliest);
    next.set(Number(partition), known > BigInt(earliest) ? known : BigInt(earliest));
  }
  return next;
}

/**
 * The time of the oldest unread record, found by halving: a record is older than a time when the first offset with that time or a later one
 * lies behind it. All partitions are asked at once.
 */
export async function oldest(
  isOlderThan: (time: number) => Promise<boolean>,
  now: number,
  retentionMs: number | null,
): Promise<number> {
  let from = now - Math.max(retentionMs ?? 0, longestSearchMs);
  let to = now;
  if (!(await isOlderThan(to))) return now;
  if (await isOlderThan(from)) return from;
  while (to - from > precisionMs) {
    const middle = Math.floor((from + to) / 2);
    if (await isOlderThan(middle)) to = middle;
    else from = middle;
  }
  return from;
}

async function retentionOf(admin: Admin, topic: string): Promise<number | null> {
  const configNames = ['retention.ms', 'retention.bytes', 'cleanup.policy'];
  const answer = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: topicResource, name: topic, configNames }],
  });
  const entries = answer.resources[0]?.configEntries ?? [];
  const value = (name: string) => entries.find(({ configName }) => configName === name)?.configValue;
  const ms = Number(value('retention.ms') ?? -1);
  const isByAgeAlone = value('cleanup.policy') === 'delete' && value('retention.bytes') === '-1';
  return isByAgeAlone && ms >= 0 ? ms : null;
}
