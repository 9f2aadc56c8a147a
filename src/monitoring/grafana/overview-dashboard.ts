import type { AlertsConfig } from '../../commons/config-schema.js';
import { chosen, type Dashboard, perMinute } from './panel.js';

/** What the person on call looks at first. */
export function overviewDashboard(alerts: AlertsConfig): Dashboard {
  return {
    uid: 'elt-overview',
    title: 'elt: Overview',
    description: 'Events processed, how far behind, and whether what is there is right.',
    panels: [
      {
        title: 'Events processed per minute (Kafka → RAW)',
        kind: 'timeseries',
        unit: 'short',
        width: 24,
        threshold: alerts.eventsPerMinute.above,
        queries: [{ expr: perMinute('elt_events_processed_total', ['pipeline']), legend: '{{pipeline}}' }],
      },
      {
        title: 'Events processed in the chosen time',
        kind: 'stat',
        unit: 'short',
        width: 8,
        queries: [
          {
            expr: `sum by (pipeline) (increase(elt_events_processed_total{${chosen}}[$__range]))`,
            legend: '{{pipeline}}',
          },
        ],
      },
      {
        title: 'Newest verification passed',
        kind: 'stat',
        unit: 'bool_yes_no',
        width: 8,
        mayBeEmpty: 'no run has been verified yet',
        queries: [{ expr: `elt_last_verification_passed{${chosen}}`, legend: '{{pipeline}} {{stage}}' }],
      },
      {
        title: 'Rows unaccounted for (RAW − SILVER − rejects)',
        kind: 'stat',
        unit: 'short',
        width: 8,
        mayBeEmpty: 'not known before TRANSFORM has run, nor while it commits',
        queries: [{ expr: `elt_unaccounted_rows{${chosen}}`, legend: '{{pipeline}}' }],
      },
      {
        title: 'Lag in seconds',
        kind: 'timeseries',
        unit: 's',
        width: 12,
        threshold: alerts.lag / 1000,
        queries: [{ expr: `elt_lag_seconds{${chosen}}`, legend: '{{pipeline}} {{stage}}' }],
      },
      {
        title: 'Freshness: age of the newest rows',
        kind: 'timeseries',
        unit: 's',
        width: 12,
        threshold: alerts.freshness / 1000,
        queries: [{ expr: `elt_table_freshness_seconds{${chosen}}`, legend: '{{table}}' }],
      },
      {
        title: 'Rows per table',
        kind: 'timeseries',
        unit: 'short',
        width: 12,
        queries: [{ expr: `elt_table_rows{${chosen}}`, legend: '{{table}}' }],
      },
      {
        title: 'Alerts firing',
        kind: 'timeseries',
        unit: 'short',
        width: 12,
        queries: [{ expr: 'sum by (alertname) (ALERTS{alertstate="firing"})', legend: '{{alertname}}' }],
      },
    ],
  };
}
