import type { Position } from '../commons/position.js';
import type { TrinoClient } from './client.js';
import { identifier, qualified } from './sql.js';

/** How far the rows themselves go, whatever the ledger says. */
export interface RowsPosition {
  /** The offset after the largest one, per topic id and Kafka partition; which generations are closed the rows do not say. */
  readonly position: Position;
  readonly ingestedAt: string | null;
}

/** Reads all rows' lineage: cost follows the table. `clock` is the table's clock column. */
export async function rowsPosition(trino: TrinoClient, table: string, clock: string): Promise<RowsPosition> {
  const rows = await trino.query(
    [
      'SELECT kafka_topic_id AS topic_id, CAST(kafka_partition AS varchar) AS partition,',
      `CAST(max(kafka_offset) + 1 AS varchar) AS next, to_iso8601(max(${identifier(clock)})) AS clock`,
      `FROM ${qualified(trino.catalog, table)} GROUP BY kafka_topic_id, kafka_partition ORDER BY 1, kafka_partition`,
    ].join(' '),
  );
  const topicIds = [...new Set(rows.map((row) => String(row.topic_id)))];
  const position = topicIds.map((topicId) => {
    const offsets = rows.filter((row) => row.topic_id === topicId).map((row) => [row.partition, row.next]);
    return { topicId, offsets: Object.fromEntries(offsets) as Record<string, string>, closed: false };
  });
  const clocks = rows.map((row) => String(row.clock)).sort();
  return { position, ingestedAt: clocks.at(-1) ?? null };
}
