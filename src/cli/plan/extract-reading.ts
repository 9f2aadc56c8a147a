import type { Config } from '../../commons/config.js';
import { openGeneration } from '../../commons/position.js';
import { type TopicOffsets, topicOffsets } from '../../kafka/lag.js';
import { pipelineOffsets } from '../../pipeline/pipeline-offsets.js';
import type { TrinoClient } from '../../trino/client.js';
import type { TableLedger } from '../../trino/ledger.js';
import { ledgerOf } from '../../trino/ledger-queries.js';
import { type Obstacle, obstacleOf, type Reading, worthKnowing, wrong } from './report.js';

/** Where EXTRACT would go on, and what the topic holds beyond it. */
export async function extractReading(config: Config, trino: TrinoClient, pipeline: string): Promise<Reading> {
  const extract = config.pipelines[pipeline]?.extract;
  if (extract === undefined) throw new TypeError(`pipeline ${pipeline} has no extract`);
  const obstacles: Obstacle[] = [];
  const noted = (error: unknown): null => {
    obstacles.push(obstacleOf(error));
    return null;
  };
  const [raw, offsets] = await Promise.all([
    ledgerOf(trino, extract.table).catch((error: unknown) => {
      noted(error);
      return 'unknown' as const;
    }),
    topicOffsets(config.kafka, extract.topic).catch(noted),
  ]);
  const ledger = raw === 'unknown' ? null : raw;
  const told = pipelineOffsets({
    pipeline,
    topic: extract.topic,
    table: extract.table,
    raw: ledger,
    offsets,
    transform: null,
  });
  if (ledger === null && raw !== 'unknown') obstacles.push(firstRun(extract.table, extract.startFrom));
  if (ledger !== null && offsets !== null) obstacles.push(...topicObstacles(ledger, offsets, extract.topic));
  return {
    position: ledger?.position ?? null,
    fromClock: ledger?.ingestedAt ?? null,
    toClock: null,
    partitions: told.partitions.filter((line) => !line.closed),
    rowsToRead: raw === 'unknown' ? null : told.lag,
    obstacles,
  };
}

function firstRun(table: string, startFrom: string): Obstacle {
  return worthKnowing(
    'table-missing',
    `${table} does not exist yet: the first run makes it and reads from ${startFrom}.`,
  );
}

/** What the offsets alone show of a topic that is not what it was; topic ids are known to drivers only. Pure. */
export function topicObstacles(
  { position }: Pick<TableLedger, 'position'>,
  offsets: TopicOffsets,
  topic: string,
): Obstacle[] {
  const read = openGeneration(position)?.offsets ?? {};
  return Object.entries(read).flatMap(([partition, next]) => {
    const now = offsets[partition];
    if (now === undefined) {
      return [
        wrong(
          'fewer-partitions',
          `Partition ${partition} of ${topic} was read up to ${next} and is gone: the topic was made again with fewer partitions.`,
          acceptNewTopic,
        ),
      ];
    }
    if (BigInt(next) > BigInt(now.end)) {
      return [
        wrong(
          'topic-recreated',
          `Partition ${partition} of ${topic} was read up to ${next} but ends at ${now.end}: the topic was deleted and created again, or the broker lost records.`,
          acceptNewTopic,
        ),
      ];
    }
    if (BigInt(next) < BigInt(now.earliest)) {
      return [
        wrong(
          'retention-overtook',
          `Offsets ${next} to ${BigInt(now.earliest) - 1n} of partition ${partition} of ${topic} were deleted before they were read.`,
          'To go on without them, which the table records: elt run extract --accept-loss',
        ),
      ];
    }
    return [];
  });
}

const acceptNewTopic = 'If that was meant: elt run extract --accept-new-topic';
