import type { AlertsConfig } from '../../commons/config-schema.js';
import { chosen, type Dashboard, type Panel, perMinute, quantiles } from './panel.js';

/** EXTRACT: Kafka → RAW. */
export function extractDashboard(alerts: AlertsConfig): Dashboard {
  return {
    uid: 'elt-extract',
    title: 'elt: Extract',
    description: 'Kafka → RAW: events processed, lag, time to loss, batches and commits.',
    panels: [
      {
        title: 'Events processed per minute, by table',
        kind: 'timeseries',
        unit: 'short',
        width: 12,
        threshold: alerts.eventsPerMinute.above,
        queries: [{ expr: perMinute('elt_events_processed_total', ['pipeline', 'table']), legend: '{{table}}' }],
      },
      {
        title: 'Time to loss: until Kafka may delete the first unread record',
        kind: 'timeseries',
        unit: 's',
        width: 12,
        threshold: alerts.timeToLoss / 1000,
        mayBeEmpty: 'nothing is unread, or the topic does not delete by age',
        queries: [{ expr: `elt_time_to_loss_seconds{${chosen}}`, legend: '{{pipeline}}' }],
      },
      ...lagPanels('extract', alerts, 'Kafka records not read yet'),
      ...batchPanels('extract'),
    ],
  };
}

/** TRANSFORM: RAW → SILVER. */
export function transformDashboard(alerts: AlertsConfig): Dashboard {
  return {
    uid: 'elt-transform',
    title: 'elt: Transform',
    description: 'RAW → SILVER: rows, rejects, lag, batches and commits.',
    panels: [
      {
        title: 'SILVER rows per minute',
        kind: 'timeseries',
        unit: 'short',
        width: 12,
        queries: [{ expr: perMinute('elt_silver_rows_total', ['pipeline', 'table']), legend: '{{table}}' }],
      },
      {
        title: 'Rejected rows per minute',
        kind: 'timeseries',
        unit: 'short',
        width: 12,
        queries: [{ expr: perMinute('elt_rejected_rows_total', ['pipeline', 'table']), legend: '{{table}}' }],
      },
      ...lagPanels('transform', alerts, 'Rows of RAW not in SILVER or rejects yet'),
      ...batchPanels('transform'),
    ],
  };
}

function lagPanels(stage: string, alerts: AlertsConfig, title: string): readonly Panel[] {
  const selector = `${chosen},stage="${stage}"`;
  return [
    {
      title,
      kind: 'timeseries',
      unit: 'short',
      width: 12,
      threshold: alerts.lagRecords,
      queries: [{ expr: `elt_lag_records{${selector}}`, legend: '{{pipeline}}' }],
    },
    {
      title: 'Age of the oldest of them',
      kind: 'timeseries',
      unit: 's',
      width: 12,
      threshold: alerts.lag / 1000,
      queries: [{ expr: `elt_lag_seconds{${selector}}`, legend: '{{pipeline}}' }],
    },
  ];
}

/** Batches, and what each costs. */
function batchPanels(stage: string): readonly Panel[] {
  const selector = `${chosen},stage="${stage}"`;
  const panel = (title: string, unit: Panel['unit'], queries: Panel['queries']): Panel => ({
    title,
    kind: 'timeseries',
    unit,
    width: 12,
    queries,
    mayBeEmpty: 'nothing was committed in the last minutes',
  });
  return [
    panel('Rows of a batch', 'short', quantiles('elt_batch_rows', selector, 'pipeline')),
    panel('Bytes of a batch', 'bytes', quantiles('elt_batch_bytes', selector, 'pipeline')),
    panel('Reading and writing a batch', 's', quantiles('elt_batch_duration_seconds', selector, 'pipeline')),
    panel('Commit', 's', quantiles('elt_commit_duration_seconds', selector, 'pipeline')),
    {
      ...panel('Commits per minute', 'short', [
        { expr: perMinute('elt_commits_total', ['pipeline'], selector), legend: '{{pipeline}}' },
      ]),
      mayBeEmpty: undefined,
    },
  ];
}
