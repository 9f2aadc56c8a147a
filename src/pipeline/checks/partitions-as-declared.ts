import { qualified } from '../../trino/sql.js';
import { fail, pass, type Role, type RowsCheck } from '../check.js';

const declared: Record<Role, string> = {
  raw: 'hour(ingested_at)',
  silver: 'day(event_time)',
  rejects: 'day(rejected_at)',
};

export const partitionsAsDeclared: RowsCheck = {
  kind: 'rows',
  name: 'partitions-as-declared',
  meaning:
    'RAW is partitioned by the hour of ingested_at, SILVER by the day of event_time, rejects by the day of rejected_at.',
  on: ['raw', 'silver', 'rejects'],
  sql: ({ catalog, table }) => `SHOW CREATE TABLE ${qualified(catalog, table)}`,
  judge(rows, { role }) {
    const statement = String(Object.values(rows[0] ?? {})[0]);
    const partitioning = /partitioning = ARRAY\[([^\]]*)\]/.exec(statement)?.[1] ?? 'not partitioned';
    const actual = partitioning.replaceAll(/['"]/g, '');
    return actual === declared[role] ? pass(declared[role], actual) : fail(declared[role], actual);
  },
};
