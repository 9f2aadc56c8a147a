/** Where each Kafka partition of a pipeline stands: position, what the topic holds, lag. What `elt offsets show -o json` prints. Pure. */
import { openGeneration, sortedPartitions } from '../commons/position.js';
import { lagOf, type TopicOffsets } from '../kafka/lag.js';
import type { TableLedger } from '../trino/ledger.js';

/** One Kafka partition of one topic generation. Offsets are decimal strings; null: unknown, or (closed generations) meaningless. */
export interface PartitionLine {
  readonly topicId: string | null;
  readonly closed: boolean;
  readonly partition: number;
  readonly position: string | null;
  readonly earliest: string | null;
  readonly end: string | null;
  readonly lag: string | null;
}

export interface PipelineOffsets {
  readonly pipeline: string;
  readonly topic: string;
  readonly table: string;
  readonly runId: string | null;
  readonly ingestedAt: string | null;
  /** In all; null when Kafka could not be asked. */
  readonly lag: string | null;
  readonly partitions: readonly PartitionLine[];
  readonly transform: { readonly table: string; readonly ingestedAt: string | null } | null;
}

/** What the ledgers and the topic say; `offsets` is null when Kafka could not be asked. */
export interface OffsetFacts {
  readonly pipeline: string;
  readonly topic: string;
  readonly table: string;
  readonly raw: TableLedger | null;
  readonly offsets: TopicOffsets | null;
  readonly transform: { readonly table: string; readonly silver: TableLedger | null } | null;
}

export function pipelineOffsets({ pipeline, topic, table, raw, offsets, transform }: OffsetFacts): PipelineOffsets {
  return {
    pipeline,
    topic,
    table,
    runId: raw?.newest?.runId ?? raw?.properties['elt.run-id'] ?? null,
    ingestedAt: raw?.ingestedAt ?? null,
    lag: offsets === null ? null : lagOf(raw?.position ?? null, offsets).total,
    partitions: partitionLines(raw, offsets),
    transform: transform === null ? null : { table: transform.table, ingestedAt: transform.silver?.ingestedAt ?? null },
  };
}

function partitionLines(ledger: TableLedger | null, offsets: TopicOffsets | null): PartitionLine[] {
  const position = ledger?.position ?? null;
  const closed = (position ?? []).filter((generation) => generation.closed);
  const history = closed.flatMap(({ topicId, offsets: ends }) =>
    sortedPartitions(ends).map((partition) => {
      const unknown = { earliest: null, end: null, lag: null };
      return { topicId, closed: true, partition: Number(partition), position: ends[partition] ?? null, ...unknown };
    }),
  );
  const open = openGeneration(position);
  const lag = offsets === null ? null : lagOf(position, offsets);
  const current = sortedPartitions({ ...open?.offsets, ...offsets }).map((partition) => ({
    topicId: open?.topicId ?? null,
    closed: false,
    partition: Number(partition),
    position: open?.offsets[partition] ?? null,
    earliest: offsets?.[partition]?.earliest ?? null,
    end: offsets?.[partition]?.end ?? null,
    lag: lag?.partitions[partition] ?? null,
  }));
  return [...history, ...current];
}
