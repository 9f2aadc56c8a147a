/** The drill's own count, through Trino: every record of a range of offsets, one by one. */
import { frenchWords } from '../transform/french-words.js';
import type { QueryOptions, Row, TrinoClient } from '../trino/client.js';
import { qualified } from '../trino/sql.js';
import type { Acknowledgements, Offsets } from './numbered-records.js';

export interface CountedTables {
  readonly raw: string;
  readonly silver: string;
  readonly rejects: string;
}

/** One record that is not as it should be. */
export interface Finding {
  readonly kind: 'lost' | 'doubled' | 'altered';
  readonly table: string;
  readonly partition: number;
  readonly offset: number;
  /** What is wrong with it, for people. */
  readonly detail: string;
}

/** Offsets [from, to) of each Kafka partition. */
export interface OffsetRange {
  readonly from: Offsets;
  readonly to: Offsets;
}

interface Found {
  readonly copies: number;
  readonly values: readonly (string | null)[];
}

/**
 * Compares the tables with what was acknowledged. Every offset of the range must be in RAW once, with the value that was sent, and once
 * in either SILVER or the rejects.
 */
export async function count(
  trino: TrinoClient,
  tables: CountedTables,
  acknowledged: Acknowledgements,
  range: OffsetRange,
  options: QueryOptions = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [partition, to] of range.to) {
    const from = range.from.get(partition) ?? 0;
    if (to <= from) continue;
    const read = async (table: string, ...columns: string[]) =>
      found(await trino.query(rowsSql(trino.catalog, table, columns, partition, from, to), options));
    const raw = await read(tables.raw, 'from_utf8(kafka_value)');
    const silver = await read(tables.silver, 'CAST(number AS varchar)', 'words');
    const rejects = await read(tables.rejects, 'from_utf8(kafka_value)');
    const sent = acknowledged.valuesIn(partition, from, to);
    for (let offset = from; offset < to; offset++) {
      const record = { raw: raw.get(offset), silver: silver.get(offset), rejects: rejects.get(offset) };
      findings.push(...judge(record, sent.get(offset), tables).map((one) => ({ ...one, partition, offset })));
    }
  }
  return findings;
}

/** One row per offset: how often it is there, and the least and greatest value of each column. */
function rowsSql(
  catalog: string,
  table: string,
  columns: readonly string[],
  partition: number,
  from: number,
  to: number,
): string {
  const values = columns.flatMap((column, index) => [
    `min(${column}) AS v${2 * index}`,
    `max(${column}) AS v${2 * index + 1}`,
  ]);
  return [
    `SELECT CAST(kafka_offset AS varchar) AS at, CAST(count(*) AS varchar) AS copies, ${values.join(', ')}`,
    `FROM ${qualified(catalog, table)}`,
    `WHERE kafka_partition = ${partition} AND kafka_offset >= ${from} AND kafka_offset < ${to} GROUP BY kafka_offset`,
  ].join(' ');
}

function found(rows: readonly Row[]): Map<number, Found> {
  const entries = rows.map(({ at, copies, ...values }): [number, Found] => [
    Number(at),
    { copies: Number(copies), values: Object.values(values) as (string | null)[] },
  ]);
  return new Map(entries);
}

interface Record {
  readonly raw: Found | undefined;
  readonly silver: Found | undefined;
  readonly rejects: Found | undefined;
}

type Judgement = Omit<Finding, 'partition' | 'offset'>;

/** What is wrong with one record. `sent` is unknown where the broker wrote a batch and could not say so. */
function judge({ raw, silver, rejects }: Record, sent: string | undefined, tables: CountedTables): Judgement[] {
  if (raw === undefined) {
    const detail = sent === undefined ? 'not in RAW' : `not in RAW; "${sent}" was acknowledged`;
    return [{ kind: 'lost', table: tables.raw, detail }];
  }
  const value = sent ?? raw.values[0] ?? null;
  const after = (silver?.copies ?? 0) + (rejects?.copies ?? 0);
  return [
    ...copies(tables.raw, raw.copies),
    ...differs(tables.raw, raw, [value]),
    ...(after === 0
      ? [{ kind: 'lost' as const, table: tables.silver, detail: 'in RAW, but neither in SILVER nor rejected' }]
      : []),
    ...(silver !== undefined && rejects !== undefined
      ? [{ kind: 'doubled' as const, table: tables.silver, detail: 'both in SILVER and rejected' }]
      : []),
    ...copies(tables.silver, silver?.copies ?? 0),
    ...copies(tables.rejects, rejects?.copies ?? 0),
    ...(silver === undefined ? [] : differs(tables.silver, silver, inSilver(value))),
    ...(rejects === undefined ? [] : differs(tables.rejects, rejects, [isNumber(value) ? 'not rejected' : value])),
  ];
}

function copies(table: string, count: number): Judgement[] {
  return count > 1 ? [{ kind: 'doubled', table, detail: `${count} times` }] : [];
}

function differs(table: string, { values }: Found, expected: readonly (string | null)[]): Judgement[] {
  const wrong = values.findIndex((value, index) => value !== expected[index >> 1]);
  if (wrong < 0) return [];
  return [{ kind: 'altered', table, detail: `expected "${expected[wrong >> 1]}", got "${values[wrong]}"` }];
}

function isNumber(value: string | null): value is string {
  return value !== null && /^\d+$/.test(value);
}

function inSilver(value: string | null): readonly (string | null)[] {
  return isNumber(value) ? [value, frenchWords(BigInt(value))] : ['not in SILVER', null];
}
