/**
 * The position of a table: the next Kafka offsets to read, kept in the table itself (summary key `elt.position`).
 * Values only; `elt.ledger.Position` is the same thing in Java.
 */

/** One topic generation: next offsets to read per Kafka partition, as decimal strings. */
export interface Generation {
  readonly topicId: string;
  readonly offsets: Readonly<Record<string, string>>;
  /** A closed generation belongs to a topic that was deleted; nothing more will come. */
  readonly closed: boolean;
}

/** Topic generations in order, the open one last. */
export type Position = readonly Generation[];

/** Reads `elt.position`. Returns null for an absent value; throws a `SyntaxError` for anything that is not a position. */
export function parsePosition(text: string | undefined | null): Position | null {
  if (text === undefined || text === null || text === '') return null;
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed)) throw new SyntaxError(`expected a list of topic generations, got ${text}`);
  return parsed.map((generation) => parseGeneration(generation, text));
}

function parseGeneration(value: unknown, text: string): Generation {
  const { topicId, offsets, closed } = (value ?? {}) as Partial<Generation>;
  if (typeof topicId !== 'string' || typeof offsets !== 'object' || offsets === null) {
    throw new SyntaxError(`expected {topicId, offsets, closed} in a position, got ${text}`);
  }
  const entries = Object.entries(offsets).map(([partition, offset]) => [partition, BigInt(offset).toString()]);
  return { topicId, offsets: Object.fromEntries(entries), closed: closed === true };
}

/** The same position as text, generations in order and partitions ascending, so that equal positions are equal texts. */
export function formatPosition(position: Position | null): string {
  const generations = (position ?? []).map(({ topicId, offsets, closed }) => {
    const sorted = sortedPartitions(offsets).map((partition) => `"${partition}":"${offsets[partition]}"`);
    return `{"topicId":"${topicId}","offsets":{${sorted.join(',')}},"closed":${closed}}`;
  });
  return `[${generations.join(',')}]`;
}

/** Whether both say the same offsets. Absent and empty positions are equal: nothing was read. */
export function isSamePosition(left: Position | null, right: Position | null): boolean {
  return formatPosition(left) === formatPosition(right);
}

/** The offset a position holds for a Kafka partition of a topic generation, or null when it says nothing of it. */
export function offsetAt(position: Position | null, topicId: string, partition: string | number): bigint | null {
  const offset = position?.find((generation) => generation.topicId === topicId)?.offsets[String(partition)];
  return offset === undefined ? null : BigInt(offset);
}

/** The generation that is still written to, or null when nothing was read yet or every generation is closed. */
export function openGeneration(position: Position | null): Generation | null {
  const last = position?.at(-1);
  return last === undefined || last.closed ? null : last;
}

/** Partition numbers ascending (as text they would sort 0, 10, 2). */
export function sortedPartitions(byPartition: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(byPartition).sort((left, right) => Number(left) - Number(right));
}
