import { clockRange } from '../../trino/sql.js';
import { clockColumn, newEntries, type RowsCheck, rowsOf, type Target, verdictOf } from '../check.js';
import { type CommitInterval, type LiveCommits, liveCommits } from '../ledger-facts.js';

export const rowsPerCommit: RowsCheck = {
  kind: 'rows',
  name: 'rows-per-commit',
  meaning: 'The rows of every ledger commit, found again by its clock, are as many as it added.',
  on: ['raw', 'silver', 'rejects'],
  sql(target) {
    const column = clockColumn(target.role);
    const range = clockRange(column, liveOf(target).from, null);
    return [
      `SELECT to_iso8601(${column}) AS clock, CAST(count(*) AS varchar) AS n`,
      `${rowsOf(target)} AND ${range} GROUP BY ${column} ORDER BY ${column}`,
    ].join(' ');
  },
  judge(rows, target) {
    const counts = rows.map((row) => ({ clock: row.clock as string, n: BigInt(row.n as string) }));
    const { found, strays } = distribute(counts, liveOf(target).intervals);
    const findings = [
      ...found
        .filter(({ interval, n }) => n !== interval.entry.rows)
        .map(({ interval: { entry }, n }) => `snapshot ${entry.snapshotId} added ${entry.rows} rows, ${n} are there`),
      ...strays.map(({ clock, n }) => `${n} rows carry clock ${clock}, which is no commit's`),
    ];
    return verdictOf('elt.rows rows in each commit', findings, `${found.length} commits, all rows there`);
  },
};

function liveOf(target: Target): LiveCommits {
  return liveCommits(newEntries(target).toReversed(), target.baseline?.ingestedAt ?? target.ledger.ingestedAt);
}

interface Count {
  readonly clock: string | null;
  readonly n: bigint;
}

/** Both lists ascend by clock, so one pass suffices however many commits there are. */
function distribute(counts: readonly Count[], intervals: readonly CommitInterval[]) {
  const found = intervals.map((interval) => ({ interval, n: 0n }));
  const strays: Count[] = [];
  let index = 0;
  for (const count of counts) {
    const { clock } = count;
    while (clock !== null && index < found.length && clock > (found[index]?.interval.upTo as string)) index++;
    const current = found[index];
    const isInside = clock !== null && current !== undefined && clock > (current.interval.after ?? '');
    if (isInside) current.n += count.n;
    else strays.push(count);
  }
  return { found, strays };
}
