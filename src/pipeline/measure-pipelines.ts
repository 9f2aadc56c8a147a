/** Lag, time to loss, freshness and rows of every pipeline, asked of Kafka and Trino. What cannot be asked is not sent. */
import type { Config } from '../commons/config.js';
import { rejectsTableOf } from '../commons/config-check.js';
import type { ExtractConfig, TransformConfig } from '../commons/config-schema.js';
import { lazy } from '../commons/lazy.js';
import type { Logger } from '../commons/logger.js';
import type { Metrics } from '../commons/metrics.js';
import type { TrinoClient } from '../trino/client.js';
import type { TableLedger } from '../trino/ledger.js';
import { ledgerOf } from '../trino/ledger-queries.js';
import { freshnessSeconds, transformLag, unaccountedRows } from './ledger-gauges.js';

export interface PipelineSources {
  readonly config: Config;
  readonly trino: TrinoClient;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const kafkaUnread = lazy(() => import('../kafka/unread.js'));

/** How long Trino may take for one ledger. */
const answerWithinMs = 20_000;

/** Measures every pipeline; one that cannot be measured does not keep the others from it. */
export async function measurePipelines(sources: PipelineSources): Promise<void> {
  for (const [pipeline, { extract, transform }] of Object.entries(sources.config.pipelines)) {
    const from = transform?.from ?? extract?.table;
    if (extract !== undefined) await attempt(sources, pipeline, () => measureExtract(sources, pipeline, extract));
    if (transform === undefined || from === undefined) continue;
    await attempt(sources, pipeline, () => measureTransform(sources, pipeline, transform, from));
  }
}

async function attempt({ logger, signal }: PipelineSources, pipeline: string, measure: () => Promise<void>) {
  if (signal.aborted) return;
  try {
    await measure();
  } catch (error) {
    logger.debug({ err: error, pipeline }, 'something could not be measured; it is left out');
  }
}

async function measureExtract(sources: PipelineSources, pipeline: string, { table, topic }: ExtractConfig) {
  const { config, metrics } = sources;
  const raw = await ledger(sources, table);
  measureTable(metrics, pipeline, table, raw);
  const { unreadOf } = await kafkaUnread();
  const now = Date.now();
  const { records, oldestAt, retentionMs } = await unreadOf(config.kafka, topic, raw?.position ?? null, now);
  const labels = { pipeline, stage: 'extract' };
  metrics.gauge('elt_lag_records', Number(records), labels);
  metrics.gauge('elt_lag_seconds', oldestAt === null ? 0 : Math.max(0, now - oldestAt) / 1000, labels);
  if (oldestAt === null || retentionMs === null) return;
  metrics.gauge('elt_time_to_loss_seconds', Math.max(0, oldestAt + retentionMs - now) / 1000, { pipeline });
}

/** SILVER first: the others are then at least as far as its clock. */
async function measureTransform(sources: PipelineSources, pipeline: string, transform: TransformConfig, from: string) {
  const { metrics } = sources;
  const silver = await ledger(sources, transform.table);
  const rejects = await ledger(sources, rejectsTableOf(transform));
  const raw = await ledger(sources, from);
  measureTable(metrics, pipeline, transform.table, silver);
  measureTable(metrics, pipeline, rejectsTableOf(transform), rejects, false);
  if (raw === null) return;
  const lag = transformLag(raw, silver, Date.now());
  if (lag !== null) {
    metrics.gauge('elt_lag_records', Number(lag.rows), { pipeline, stage: 'transform' });
    metrics.gauge('elt_lag_seconds', lag.seconds, { pipeline, stage: 'transform' });
  }
  const unaccounted = silver === null ? null : unaccountedRows(raw, silver, rejects, lag);
  if (unaccounted !== null) metrics.gauge('elt_unaccounted_rows', Number(unaccounted), { pipeline });
}

async function ledger({ trino, signal }: PipelineSources, table: string): Promise<TableLedger | null> {
  return await ledgerOf(trino, table, { signal, timeoutMs: answerWithinMs });
}

/** Rejects are rare: their age says nothing. */
function measureTable(
  metrics: Metrics,
  pipeline: string,
  table: string,
  found: TableLedger | null,
  hasFreshness = true,
): void {
  const age = found === null ? null : freshnessSeconds(found, Date.now());
  if (age !== null && hasFreshness) metrics.gauge('elt_table_freshness_seconds', age, { pipeline, table });
  const rows = found?.totalRecords ?? null;
  if (rows !== null) metrics.gauge('elt_table_rows', Number(rows), { pipeline, table });
}
