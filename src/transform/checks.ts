/** What must hold for SILVER and rejects, beside the checks of every table (`pipeline/checks/table-checks.ts`). */
import { type Check, fail, type RowsCheck, rowsOf, type Subject, type Target, verdictOf } from '../pipeline/check.js';
import { identifier } from '../trino/sql.js';
import { frenchWords } from './french-words.js';
import { type WordsColumn, wordsColumns } from './words-columns.js';

export const rawEqualsSilverPlusRejects: RowsCheck = {
  kind: 'rows',
  name: 'raw-equals-silver-plus-rejects',
  meaning:
    'Up to SILVER’s clock, each Kafka partition has as many rows, with the same offsets in sum, in RAW as in SILVER and rejects.',
  on: ['silver'],
  sql(silver, { raw, rejects }) {
    const upTo = silver.ledger.ingestedAt ?? '1970-01-01T00:00:00Z';
    const sources = [
      ...(raw === null ? [] : [counted('raw', { ...raw, baseline: silver.baseline }, upTo)]),
      counted('silver', silver, upTo),
      ...(rejects === null ? [] : [counted('rejects', { ...rejects, baseline: silver.baseline }, upTo)]),
    ];
    const total = (source: string, value: string) => `coalesce(sum(${value}) FILTER (WHERE source = '${source}'), 0)`;
    const columns = ['raw', 'silver', 'rejects'].flatMap((source) => [
      `CAST(${total(source, 'n')} AS varchar) AS ${source}_n`,
      `CAST(${total(source, 'offsets')} AS varchar) AS ${source}_offsets`,
    ]);
    return [
      `SELECT kafka_topic_id AS topic_id, kafka_partition AS partition, ${columns.join(', ')}`,
      `FROM (${sources.join(' UNION ALL ')}) GROUP BY kafka_topic_id, kafka_partition ORDER BY 1, 2`,
    ].join(' ');
  },
  judge(rows, { ledger }, { raw }) {
    const expected = 'RAW = SILVER + rejects';
    const clock = ledger.ingestedAt ?? '';
    const rawClock = raw?.ledger.ingestedAt ?? '';
    if (clock > rawClock) {
      return fail(
        expected,
        `SILVER is at clock ${clock}, RAW only at ${rawClock || 'none'}: RAW was rolled back or dropped`,
      );
    }
    const findings = rows.flatMap((row) => {
      const of = (name: string) => BigInt(row[name] as string);
      const [n, offsets] = [of('silver_n') + of('rejects_n'), of('silver_offsets') + of('rejects_offsets')];
      const key = `topic id ${row.topic_id} partition ${row.partition}`;
      if (of('raw_n') !== n) {
        return [`${key}: RAW ${row.raw_n} rows, SILVER ${row.silver_n} + rejects ${row.rejects_n} = ${n}`];
      }
      return of('raw_offsets') === offsets ? [] : [`${key}: ${n} rows each, but other offsets`];
    });
    const sum = (name: string) => rows.reduce((all, row) => all + BigInt(row[name] as string), 0n);
    return verdictOf(expected, findings, `${sum('raw_n')} = ${sum('silver_n')} + ${sum('rejects_n')} rows`);
  },
};

function counted(source: string, target: Target, upTo: string): string {
  return [
    `SELECT '${source}' AS source, kafka_topic_id, kafka_partition, count(*) AS n, sum(CAST(kafka_offset AS decimal(38, 0))) AS offsets`,
    `${rowsOf(target, upTo)} GROUP BY kafka_topic_id, kafka_partition`,
  ].join(' ');
}

/** Rows whose words are recomputed, beside the extremes. */
const sampleRows = 2_000;
const extremeRows = 20;

export const wordsRecomputed: RowsCheck = {
  kind: 'rows',
  name: 'words-recomputed',
  meaning: 'The words of a fixed sample and of the extreme numbers equal those of a second implementation (n2words).',
  on: ['silver'],
  sql(target, subject) {
    const column = columnOf(subject);
    if (column === undefined) return null;
    const number = identifier(column.number);
    const lineage = "concat_ws('/', kafka_topic_id, CAST(kafka_partition AS varchar), CAST(kafka_offset AS varchar))";
    const picks = [
      `xxhash64(to_utf8(${lineage})) LIMIT ${sampleRows}`,
      `${number} LIMIT ${extremeRows}`,
      `${number} DESC LIMIT ${extremeRows}`,
    ];
    const sample = picks.map((pick) => {
      const columns = `CAST(${number} AS varchar) AS number, ${identifier(column.words)} AS words`;
      return `(SELECT ${columns}, ${lineage} AS lineage ${rowsOf(target)} ORDER BY ${pick})`;
    });
    return sample.join(' UNION ');
  },
  judge(rows, _target, subject) {
    const { spelling, region } = columnOf(subject) as WordsColumn;
    const findings = rows.flatMap(({ number, words, lineage }) => {
      const expected = number === null ? null : frenchWords(BigInt(number as string), spelling, region);
      return words === expected ? [] : [`${lineage}: ${number} is "${expected}", SILVER has "${words}"`];
    });
    return verdictOf('the words of n2words', findings, `${rows.length} rows alike`);
  },
};

function columnOf({ declared }: Subject): WordsColumn | undefined {
  return wordsColumns(declared.sql ?? '')[0];
}

export const rejectsHaveReasons: RowsCheck = {
  kind: 'rows',
  name: 'rejects-have-reasons',
  meaning: 'Every rejected row says why.',
  on: ['rejects'],
  sql: (target) =>
    `SELECT coalesce(trim(reason), '') AS reason, CAST(count(*) AS varchar) AS n ${rowsOf(target)} GROUP BY 1 ORDER BY 1`,
  judge(rows) {
    const findings = rows.filter((row) => row.reason === '').map((row) => `${row.n} rows without a reason`);
    const reasons = rows.map((row) => `${row.reason}: ${row.n}`);
    return verdictOf('a reason in every row', findings, reasons.length === 0 ? 'no rejects' : reasons.join(', '));
  },
};

/** SILVER's and the rejects' own checks. */
export const transformChecks: readonly Check[] = [rawEqualsSilverPlusRejects, wordsRecomputed, rejectsHaveReasons];
