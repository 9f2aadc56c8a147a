/** Every alert there is. Prometheus rules and Grafana's alert rules are made from this list, and each has a page in docs/runbooks. */
import type { AlertsConfig } from '../commons/config-schema.js';

export type Severity = 'critical' | 'warning' | 'none';

export interface Alert {
  readonly name: `Elt${string}`;
  readonly severity: Severity;
  /** PromQL that returns a series for each thing that is wrong. */
  readonly expr: string;
  /** How long it must be so. */
  readonly forMs: number;
  /** One line, with Prometheus' own `{{ $labels.x }}` and `{{ $value }}`. */
  readonly summary: string;
}

const perPipeline = '{{ $labels.pipeline }}';
const perStage = '{{ $labels.stage }} of {{ $labels.pipeline }}';
const duration = '{{ $value | humanizeDuration }}';
const count = '{{ printf "%.0f" $value }}';

/** The alerts with these thresholds. */
export function alertsOf(config: AlertsConfig): readonly Alert[] {
  return [...flowAlerts(config), ...proofAlerts(config), ...runAlerts(config), ...systemAlerts(config)];
}

/** Are events coming through, and in time? */
function flowAlerts({ for: forMs, window, eventsPerMinute, lagRecords, lag, timeToLoss, freshness }: AlertsConfig) {
  const eventRate = `sum by (pipeline) (rate(elt_events_processed_total[${promDuration(window)}])) * 60`;
  const isExtracting = 'max by (pipeline) (elt_active_runs{stage="extract",state="running"}) > 0';
  return [
    {
      name: 'EltEventsAboveThreshold',
      severity: 'warning',
      expr: `${eventRate} > ${eventsPerMinute.above}`,
      forMs,
      summary: `${perPipeline} processes ${count} events per minute, more than ${eventsPerMinute.above}`,
    },
    {
      name: 'EltEventsBelowThreshold',
      severity: 'warning',
      expr: `(${eventRate} < ${eventsPerMinute.below}) and on (pipeline) (${isExtracting})`,
      forMs,
      summary: `${perPipeline} processes ${count} events per minute, less than ${eventsPerMinute.below}, while EXTRACT runs`,
    },
    {
      name: 'EltLagRecordsHigh',
      severity: 'warning',
      expr: `max by (pipeline, stage) (elt_lag_records) > ${lagRecords}`,
      forMs,
      summary: `${perStage} is ${count} records behind`,
    },
    {
      name: 'EltLagSecondsHigh',
      severity: 'warning',
      expr: `max by (pipeline, stage) (elt_lag_seconds) > ${lag / 1000}`,
      forMs,
      summary: `${perStage} is ${duration} behind`,
    },
    {
      name: 'EltTimeToLossLow',
      severity: 'critical',
      expr: `min by (pipeline) (elt_time_to_loss_seconds) < ${timeToLoss / 1000}`,
      forMs,
      summary: `Kafka may delete unread records of ${perPipeline} in ${duration}`,
    },
    {
      name: 'EltTableStale',
      severity: 'warning',
      expr: `max by (pipeline, table) (elt_table_freshness_seconds) > ${freshness / 1000}`,
      forMs,
      summary: `{{ $labels.table }} has had no new rows for ${duration}`,
    },
  ] as const satisfies readonly Alert[];
}

/** Is what is there right? */
function proofAlerts({ for: forMs }: AlertsConfig) {
  return [
    {
      name: 'EltValidationFailed',
      severity: 'critical',
      expr: 'min by (pipeline, stage) (elt_last_verification_passed) == 0',
      forMs: 0,
      summary: `The newest verification of ${perStage} failed`,
    },
    {
      name: 'EltRowsUnaccounted',
      severity: 'critical',
      expr: 'max by (pipeline) (elt_unaccounted_rows) > 0',
      forMs,
      summary: `RAW differs from SILVER plus rejects by ${count} rows in ${perPipeline}`,
    },
  ] as const satisfies readonly Alert[];
}

/** How do runs end? */
function runAlerts({ window }: AlertsConfig) {
  const ended = (state: string) =>
    `sum by (pipeline, stage) (increase(elt_attempts_total{state="${state}"}[${promDuration(window)}])) > 0`;
  return [
    {
      name: 'EltRunLost',
      severity: 'critical',
      expr: ended('lost'),
      forMs: 0,
      summary: `A run of ${perStage} was lost: nobody who knew its driver answered`,
    },
    {
      name: 'EltRunFenced',
      severity: 'warning',
      expr: ended('fenced'),
      forMs: 0,
      summary: `A run of ${perStage} was fenced: another writer claimed its table`,
    },
    {
      name: 'EltRunsFailing',
      severity: 'warning',
      expr: ended('failed'),
      forMs: 0,
      summary: `Runs or attempts of ${perStage} fail`,
    },
  ] as const satisfies readonly Alert[];
}

/** Is everybody there who has to work, and who has to tell? */
function systemAlerts({ for: forMs, queueWait }: AlertsConfig) {
  return [
    {
      name: 'EltNoWorker',
      severity: 'critical',
      expr: 'max by (stage) (elt_workers_alive) == 0',
      forMs,
      summary: 'No elt worker serves the queue of {{ $labels.stage }}',
    },
    {
      name: 'EltRunWaitsLong',
      severity: 'warning',
      expr: `max by (stage) (elt_oldest_waiting_seconds) > ${queueWait / 1000}`,
      forMs: 0,
      summary: `A run of {{ $labels.stage }} has waited ${duration} for a worker`,
    },
    {
      name: 'EltSparkCoresMissing',
      severity: 'warning',
      expr: 'max(elt_spark_cores_waiting) > 0',
      forMs,
      summary: `Spark applications wait for ${count} cores`,
    },
    {
      name: 'EltMetricsMissing',
      severity: 'critical',
      expr: 'absent(elt_workers_alive)',
      forMs,
      summary: 'No elt worker reports: nothing is known of lag, freshness and queues',
    },
    {
      name: 'EltTargetDown',
      severity: 'critical',
      expr: 'max by (job) (up) == 0',
      forMs,
      summary: 'Prometheus cannot scrape {{ $labels.job }}',
    },
    {
      name: 'EltWatchdog',
      severity: 'none',
      expr: 'vector(1)',
      forMs: 0,
      summary: 'Always fires: when it does not arrive, alerting itself is broken',
    },
  ] as const satisfies readonly Alert[];
}

/** 90000 → `90s`; Prometheus takes whole milliseconds. */
export function promDuration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.round(ms)}ms`;
}
