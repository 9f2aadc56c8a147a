import type { Config } from '../../commons/config.js';
import type { TrinoClient } from '../../trino/client.js';
import { ledgerOf } from '../../trino/ledger-queries.js';
import { clockRange, qualified } from '../../trino/sql.js';
import { nothingKnown, obstacleOf, type Reading, worthKnowing, wrong } from './report.js';

/** Which rows of RAW TRANSFORM would read: those after SILVER's clock up to RAW's, counted by Trino. */
export async function transformReading(
  config: Config,
  trino: TrinoClient,
  pipeline: string,
  isFullRefresh: boolean,
): Promise<Reading> {
  const { transform, extract } = config.pipelines[pipeline] ?? {};
  const from = transform?.from ?? extract?.table;
  if (transform === undefined || from === undefined) throw new TypeError(`pipeline ${pipeline} has no transform`);
  try {
    const [silver, raw] = await Promise.all([ledgerOf(trino, transform.table), ledgerOf(trino, from)]);
    if (raw === null) {
      const missing = wrong(
        'table-missing',
        `${from} does not exist: there is nothing to transform.`,
        `First: elt run extract ${pipeline}`,
      );
      return { ...nothingKnown, obstacles: [missing] };
    }
    const fromClock = isFullRefresh ? null : (silver?.ingestedAt ?? null);
    const toClock = raw.ingestedAt;
    const facts = { ...nothingKnown, position: isFullRefresh ? null : (silver?.position ?? null), fromClock, toClock };
    if (fromClock !== null && (toClock === null || fromClock > toClock)) {
      const message = `${transform.table} has read up to ${fromClock}, but ${from} ends at ${toClock ?? 'no commit'}: RAW was rolled back or replaced.`;
      return {
        ...facts,
        obstacles: [
          wrong(
            'silver-ahead-of-raw',
            message,
            `See elt offsets show, or rebuild: elt run transform ${pipeline} --full-refresh`,
          ),
        ],
      };
    }
    const obstacles =
      silver === null
        ? [worthKnowing('table-missing', `${transform.table} does not exist yet: the first run makes it.`)]
        : [];
    return { ...facts, rowsToRead: await rowsBetween(trino, from, fromClock, toClock), obstacles };
  } catch (error) {
    return { ...nothingKnown, obstacles: [obstacleOf(error)] };
  }
}

async function rowsBetween(
  trino: TrinoClient,
  table: string,
  after: string | null,
  upTo: string | null,
): Promise<string> {
  if (upTo === null || after === upTo) return '0';
  const range = clockRange('ingested_at', after, upTo);
  const [row] = await trino.query(
    `SELECT CAST(count(*) AS varchar) AS n FROM ${qualified(trino.catalog, table)} WHERE ${range}`,
  );
  return String(row?.n);
}
