import type { TableLedger } from '../trino/ledger.js';
import type { Baseline } from './check.js';

/** Keeps the last verified state of each table. Losing it costs one full check, nothing else. */
export interface BaselineStore {
  /** Null when nothing is known of the table (`schema.table`). */
  read(table: string): Promise<Baseline | null>;
  write(table: string, baseline: Baseline): Promise<void>;
}

/** The commands of ioredis that the store needs. */
export interface BaselineRedis {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
}

/** The table as it is, for a baseline; null before its first snapshot. */
export function baselineOf({ ancestry, currentSnapshotId, ingestedAt }: TableLedger): Baseline | null {
  if (currentSnapshotId === null) return null;
  return { snapshotId: currentSnapshotId, committedAt: ancestry[0]?.committedAt ?? null, ingestedAt };
}

/** Baselines in Redis, under `PREFIX:verified:CATALOG.TABLE`. */
export function redisBaselines(redis: BaselineRedis, prefix: string, catalog: string): BaselineStore {
  const key = (table: string) => `${prefix}:verified:${catalog}.${table}`;
  return {
    read: async (table) => parse(await redis.get(key(table))),
    write: async (table, baseline) => {
      await redis.set(key(table), JSON.stringify(baseline));
    },
  };
}

/** Anything unreadable counts as gone. */
function parse(json: string | null): Baseline | null {
  try {
    const { snapshotId, committedAt, ingestedAt } = JSON.parse(json ?? 'null') as Partial<Baseline>;
    if (typeof snapshotId !== 'string') return null;
    return { snapshotId, committedAt: committedAt ?? null, ingestedAt: ingestedAt ?? null };
  } catch {
    return null;
  }
}
