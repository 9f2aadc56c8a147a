import { type RowsCheck, rowsOf, type Subject, type Target, verdictOf } from '../check.js';

const lineage = 'kafka_topic_id, kafka_partition, kafka_offset';
const block = 'bitwise_right_shift_arithmetic(kafka_offset, 6)';
const distinct =
  "coalesce(bit_count(bitwise_or_agg(bitwise_left_shift(BIGINT '1', CAST(bitwise_and(kafka_offset, 63) AS integer))), 64), 0)";

/**
 * Exact, at a 64th of the memory of a GROUP BY on the key: one group covers 64 neighbouring offsets, whose bits in one
 * BIGINT say which are there. More rows than bits are duplicates.
 */
export const noDuplicateLineage: RowsCheck = {
  kind: 'rows',
  name: 'no-duplicate-lineage',
  meaning: 'No Kafka record (topic id, partition, offset) is in the table twice, nor in SILVER and in the rejects.',
  on: ['raw', 'silver', 'rejects'],
  sql(target, subject) {
    const sources = together(target, subject).map((one) => `SELECT ${lineage} ${rowsOf(one)}`);
    return [
      'SELECT kafka_topic_id AS topic_id, kafka_partition AS partition, CAST(min(kafka_offset) AS varchar) AS first_offset,',
      `CAST(max(kafka_offset) AS varchar) AS last_offset, CAST(count(*) AS varchar) AS n, CAST(${distinct} AS varchar) AS distinct_n`,
      `FROM (${sources.join(' UNION ALL ')}) GROUP BY kafka_topic_id, kafka_partition, ${block}`,
      `HAVING count(*) > ${distinct} ORDER BY 1, 2, ${block} LIMIT 20`,
    ].join(' ');
  },
  judge(rows) {
    const findings = rows.map((row) => {
      const offsets =
        row.first_offset === row.last_offset ? row.first_offset : `${row.first_offset}-${row.last_offset}`;
      return `topic id ${row.topic_id} partition ${row.partition} offsets ${offsets}: ${row.n} rows of ${row.distinct_n} records`;
    });
    return verdictOf('each record at most once', findings, 'each record at most once');
  },
};

/** A record in SILVER and in the rejects is doubled too. */
function together(target: Target, { rejects }: Subject): Target[] {
  return target.role === 'silver' && rejects !== null ? [target, { ...rejects, baseline: target.baseline }] : [target];
}
