/** What must hold for RAW, beside the checks of every table (`pipeline/checks/table-checks.ts`). */
import { offsetAt, openGeneration, sortedPartitions } from '../commons/position.js';
import type { PartitionOffsets } from '../kafka/lag.js';
import {
  type Check,
  type LedgerCheck,
  newEntries,
  type RowsCheck,
  rowsOf,
  type Target,
  type TopicCheck,
  verdictOf,
} from '../pipeline/check.js';
import { reachesRoot, startsAnew } from '../pipeline/ledger-facts.js';
import type { Row } from '../trino/client.js';
import { type Span, spansOf, stepsOf } from './span.js';

export const gapsAsDeclared: LedgerCheck = {
  kind: 'ledger',
  name: 'gaps-as-declared',
  meaning:
    'Every offset between two positions is a row or a counted gap, and gaps occur only where the pipeline allows them.',
  on: ['raw'],
  judge(target, { declared }) {
    const entries = newEntries(target);
    const findings = entries.flatMap((entry) => {
      const steps = stepsOf(entry);
      const read = sum(steps.map((step) => step.read));
      const gaps = sum(Object.values(entry.gaps));
      return [
        ...(read === entry.rows + gaps
          ? []
          : [`snapshot ${entry.snapshotId}: ${read} offsets, ${entry.rows} rows and ${gaps} gaps`]),
        ...(gaps === 0n || declared.gaps === 'allow'
          ? []
          : [`snapshot ${entry.snapshotId}: ${gaps} offsets without a record`]),
      ];
    });
    const all = sum(entries.flatMap((entry) => Object.values(entry.gaps)));
    return verdictOf(`offsets = rows + gaps; gaps: ${declared.gaps}`, findings, `offsets = rows + gaps; ${all} gaps`);
  },
};

export const offsetsWithinPosition: RowsCheck = {
  kind: 'rows',
  name: 'offsets-within-position',
  meaning:
    'Each Kafka partition has exactly the rows between its first offset and its position, less the counted gaps.',
  on: ['raw'],
  sql: (target) =>
    [
      'SELECT kafka_topic_id AS topic_id, CAST(kafka_partition AS varchar) AS partition, CAST(count(*) AS varchar) AS n,',
      'CAST(min(kafka_offset) AS varchar) AS first_offset, CAST(max(kafka_offset) AS varchar) AS last_offset',
      `${rowsOf(target)} GROUP BY kafka_topic_id, kafka_partition ORDER BY 1, 2`,
    ].join(' '),
  judge(rows, target) {
    const entries = newEntries(target);
    const isAccepted = entries.some((entry, index) => startsAnew(entry, entries[index - 1] ?? null));
    const isKnown = (target.baseline !== null || reachesRoot(target.ledger)) && !isAccepted;
    const findings = isKnown ? againstSpans(rows, spansOf(entries)) : againstPosition(rows, target);
    const expected = isKnown
      ? 'rows = offsets read - gaps, all inside'
      : 'all offsets inside (older commits have expired or were recovered)';
    const counted = `${sum(rows.map((row) => BigInt(row.n as string)))} rows, all inside`;
    return verdictOf(expected, findings, isKnown ? counted : `${counted}${holes(rows, target)}`);
  },
};

function againstSpans(rows: readonly Row[], spans: readonly Span[]): string[] {
  const keyOf = (topicId: unknown, partition: unknown) => `topic id ${topicId} partition ${partition}`;
  const counted = new Map(rows.map((row) => [keyOf(row.topic_id, row.partition), row]));
  const bySpan = spans.flatMap((span) => {
    const key = keyOf(span.topicId, span.partition);
    const row = counted.get(key);
    counted.delete(key);
    return comparison(row, span).map((finding) => `${key}: ${finding}`);
  });
  const strays = [...counted].map(([key, row]) => `${key}: ${row.n} rows, none expected`);
  return [...bySpan, ...strays];
}

function comparison(row: Row | undefined, { from, to, read, gaps }: Span): string[] {
  const n = BigInt((row?.n as string | undefined) ?? '0');
  return [
    ...(n === read - gaps ? [] : [`${n} rows, expected ${read - gaps} (offsets ${from} to ${to}, ${gaps} gaps)`]),
    ...(row !== undefined && n > 0n ? outside(row, from, to) : []),
  ];
}

/** Without the older commits only the position itself is left to compare with. */
function againstPosition(rows: readonly Row[], { ledger }: Target): string[] {
  return rows.flatMap((row) => {
    const end = offsetAt(ledger.position, String(row.topic_id), String(row.partition)) ?? 0n;
    const n = BigInt(row.n as string);
    const key = `topic id ${row.topic_id} partition ${row.partition}`;
    const tooMany = n > end ? [`${n} rows below offset ${end}`] : [];
    return [...tooMany, ...outside(row, 0n, end)].map((finding) => `${key}: ${finding}`);
  });
}

/** What can only be told, not judged, when the commits that could explain it are gone. */
function holes(rows: readonly Row[], { ledger }: Target): string {
  const below = (ledger.position ?? []).flatMap(({ offsets }) => Object.values(offsets).map(BigInt));
  const without = sum(below) - sum(rows.map((row) => BigInt(row.n as string)));
  return without === 0n
    ? ''
    : `; ${without} offsets below the position have no row (skipped or compacted away, or lost)`;
}

function outside(row: Row, from: bigint, to: bigint): string[] {
  const [first, last] = [BigInt(row.first_offset as string), BigInt(row.last_offset as string)];
  return first >= from && last < to ? [] : [`offsets ${first} to ${last}, expected within ${from} to ${to - 1n}`];
}

export const topicPosition: TopicCheck = {
  kind: 'topic',
  name: 'topic-position',
  meaning: 'The position is not ahead of what the topic holds.',
  on: ['raw'],
  judge(offsets, { ledger }) {
    const open = openGeneration(ledger.position);
    const partitions = sortedPartitions(open?.offsets ?? {});
    const findings = partitions.flatMap((partition) => {
      const next = BigInt(open?.offsets[partition] as string);
      const topic = offsets[partition] as PartitionOffsets | undefined;
      if (topic === undefined) return [`partition ${partition}: position ${next}, but the topic has no such partition`];
      return next <= BigInt(topic.end)
        ? []
        : [`partition ${partition}: position ${next}, but the topic ends at ${topic.end}`];
    });
    return verdictOf('position <= end of each partition', findings, `${partitions.length} partitions, none ahead`);
  },
};

/** RAW's own checks. */
export const extractChecks: readonly Check[] = [gapsAsDeclared, offsetsWithinPosition, topicPosition];

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
