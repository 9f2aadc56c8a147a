import type { AlertsConfig } from '../commons/config-schema.js';
import { type Alert, promDuration, said } from './alert.js';

/** Are events coming through? The seed's own alarm. */
export function eventAlerts({ for: forMs, window, eventsPerMinute }: AlertsConfig) {
  const eventRate = `sum by (pipeline) (rate(elt_events_processed_total[${promDuration(window)}])) * 60`;
  const isExtracting = 'max by (pipeline) (elt_active_runs{stage="extract",state="running"}) > 0';
  return [
    {
      name: 'EltEventsAboveThreshold',
      severity: 'warning',
      expr: `${eventRate} > ${eventsPerMinute.above}`,
      forMs,
      summary: `${said.pipeline} processes ${said.count} events per minute, more than ${eventsPerMinute.above}`,
    },
    {
      name: 'EltEventsBelowThreshold',
      severity: 'warning',
      expr: `(${eventRate} < ${eventsPerMinute.below}) and on (pipeline) (${isExtracting})`,
      forMs,
      summary: `${said.pipeline} processes ${said.count} events per minute, less than ${eventsPerMinute.below}, while EXTRACT runs`,
    },
  ] as const satisfies readonly Alert[];
}

/** Is what comes through in time? */
export function lagAlerts({ for: forMs, lagRecords, lag, timeToLoss, freshness }: AlertsConfig) {
  return [
    {
      name: 'EltLagRecordsHigh',
      severity: 'warning',
      expr: `max by (pipeline, stage) (elt_lag_records) > ${lagRecords}`,
      forMs,
      summary: `${said.stage} is ${said.count} records behind`,
    },
    {
      name: 'EltLagSecondsHigh',
      severity: 'warning',
      expr: `max by (pipeline, stage) (elt_lag_seconds) > ${lag / 1000}`,
      forMs,
      summary: `${said.stage} is ${said.duration} behind`,
    },
    {
      name: 'EltTimeToLossLow',
      severity: 'critical',
      expr: `min by (pipeline) (elt_time_to_loss_seconds) < ${timeToLoss / 1000}`,
      forMs,
      summary: `Kafka may delete unread records of ${said.pipeline} in ${said.duration}`,
    },
    {
      name: 'EltLagUnknown',
      severity: 'critical',
      // Gauges of what cannot be asked disappear, and what fired on them is over: this says so.
      expr: 'count by (pipeline) (elt_active_runs{stage="extract"}) unless on (pipeline) elt_lag_records{stage="extract"}',
      forMs,
      summary: `How far EXTRACT of ${said.pipeline} is behind, and how long until records are lost, is unknown`,
    },
    {
      name: 'EltTableStale',
      severity: 'warning',
      expr: `max by (pipeline, table) (elt_table_freshness_seconds) > ${freshness / 1000}`,
      forMs,
      summary: `{{ $labels.table }} has had no new rows for ${said.duration}`,
    },
  ] as const satisfies readonly Alert[];
}
