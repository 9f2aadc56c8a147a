/** What the drill's load is made of, and what a broker acknowledged of it. Pure. */

/** So often a record is no number: it belongs into the rejects. */
const rejectEvery = 50;

/** The value of record number `n`. */
export function recordValue(n: number): string {
  return n % rejectEvery === rejectEvery - 1 ? `record ${n} is no number` : String(n);
}

/** Records with consecutive numbers at consecutive offsets of one Kafka partition. */
export interface Acknowledged {
  readonly partition: number;
  readonly offset: number;
  readonly firstNumber: number;
  readonly count: number;
}

/** Next offsets by Kafka partition. */
export type Offsets = ReadonlyMap<number, number>;

/** Everything that a broker acknowledged so far. */
export class Acknowledgements {
  readonly #batches: Acknowledged[] = [];
  readonly #ends = new Map<number, number>();
  #count = 0;

  add(batch: Acknowledged): void {
    this.#batches.push(batch);
    this.#count += batch.count;
    this.#ends.set(batch.partition, Math.max(this.#ends.get(batch.partition) ?? 0, batch.offset + batch.count));
  }

  /** Records in all. */
  get count(): number {
    return this.#count;
  }

  /** The offsets after the last acknowledged record of each Kafka partition, as of now. */
  get ends(): Offsets {
    return new Map(this.#ends);
  }

  /** What was sent at each acknowledged offset in [from, to). */
  valuesIn(partition: number, from: number, to: number): Map<number, string> {
    const inside = this.#batches.filter(
      (batch) => batch.partition === partition && batch.offset < to && batch.offset + batch.count > from,
    );
    const values = new Map<number, string>();
    for (const batch of inside) {
      const last = Math.min(to, batch.offset + batch.count);
      for (let offset = Math.max(from, batch.offset); offset < last; offset++) {
        values.set(offset, recordValue(batch.firstNumber + offset - batch.offset));
      }
    }
    return values;
  }
}
