/** Which offsets of a topic the ledger says are rows of RAW. Pure. */
import { offsetAt, type Position, sortedPartitions } from '../commons/position.js';
import { isMove } from '../pipeline/ledger-facts.js';
import type { LedgerEntry } from '../trino/ledger.js';

/** One Kafka partition of a topic generation: from the first offset that was read to the next one to read. */
export interface Span {
  readonly topicId: string;
  readonly partition: string;
  readonly from: bigint;
  readonly to: bigint;
  /** Offsets of it that were read: without those skipped by an accepted loss. */
  readonly read: bigint;
  /** Offsets of `read` that hold no record: compacted away, or transaction markers. */
  readonly gaps: bigint;
}

/** Adds up the entries, oldest first. A partition that a position does not name starts at offset 0. */
export function spansOf(entries: readonly LedgerEntry[]): Span[] {
  const spans = new Map<string, Span>();
  for (const entry of entries) {
    for (const step of stepsOf(entry)) {
      const key = `${step.topicId}/${step.partition}`;
      const known = spans.get(key);
      spans.set(key, known === undefined ? step : join(known, step));
    }
  }
  return [...spans.values()];
}

/** How far one entry moves each Kafka partition. */
export function stepsOf(entry: LedgerEntry): Span[] {
  const open = entry.position.at(-1)?.topicId;
  return moved(entry.start, entry.position).map(({ topicId, partition, from, to }) => {
    if (isMove(entry)) return { topicId, partition, from: to, to, read: 0n, gaps: 0n };
    const gaps = topicId === open ? (entry.gaps[partition] ?? 0n) : 0n;
    return { topicId, partition, from, to, read: to - from, gaps };
  });
}

function moved(start: Position | null, position: Position) {
  return position.flatMap(({ topicId, offsets }) =>
    sortedPartitions(offsets).flatMap((partition) => {
      const from = offsetAt(start, topicId, partition) ?? 0n;
      const to = BigInt(offsets[partition] as string);
      return from === to ? [] : [{ topicId, partition, from, to }];
    }),
  );
}

function join(known: Span, step: Span): Span {
  const from = known.read === 0n ? step.from : known.from;
  return { ...known, from, to: step.to, read: known.read + step.read, gaps: known.gaps + step.gaps };
}
