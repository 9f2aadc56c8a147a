/** For each alert: what makes it fire, and what looks alike and must not. One sample a minute; thresholds are the defaults. */
export interface Firing {
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

export interface AlertCase {
  readonly alert: string;
  readonly what: string;
  /** Series with promtool's values: `0+5x10` grows by 5, `_` is a gap. */
  readonly series: Readonly<Record<string, string>>;
  readonly at: string;
  /** None: it must stay silent. */
  readonly fires: readonly Firing[];
}

const n = { pipeline: 'n' };
const extract = { ...n, stage: 'extract' };
const events = 'elt_events_processed_total{pipeline="n",table="raw.n"}';
const isExtracting = 'elt_active_runs{pipeline="n",stage="extract",state="running"}';
const known = { 'elt_active_runs{pipeline="n",stage="extract",state="queued"}': '0x30' };
const attempts = (state: string) => `elt_attempts_total{pipeline="n",stage="extract",state="${state}"}`;
const gauge = (name: string) => `${name}{pipeline="n",stage="extract"}`;

const silent = (alert: string, what: string, series: Record<string, string>, at = '20m'): AlertCase => {
  return { alert, what, series, at, fires: [] };
};
const fires = (
  alert: string,
  what: string,
  series: Record<string, string>,
  labels: Record<string, string>,
  summary: string,
  at = '20m',
): AlertCase => ({ alert, what, series, at, fires: [{ labels, summary }] });

const flow: readonly AlertCase[] = [
  fires(
    'EltEventsAboveThreshold',
    '7 million events a minute',
    { [events]: '0+7000000x30' },
    n,
    'n processes 7000000 events per minute, more than 6000000',
  ),
  silent('EltEventsAboveThreshold', 'five million', { [events]: '0+5000000x30' }),
  silent('EltEventsAboveThreshold', 'a restart of Telegraf is no burst', { [events]: '0+5000000x10 0+5000000x20' }),
  fires(
    'EltEventsBelowThreshold',
    'a run is active and nothing comes',
    { [events]: '5x30', [isExtracting]: '1x30' },
    n,
    'n processes 0 events per minute, less than 1, while EXTRACT runs',
  ),
  silent('EltEventsBelowThreshold', 'no run is active', { [events]: '5x30', [isExtracting]: '0x30' }),
  silent('EltEventsBelowThreshold', 'a few events come', { [events]: '0+3x30', [isExtracting]: '1x30' }),
  fires(
    'EltLagRecordsHigh',
    'two million behind',
    { [gauge('elt_lag_records')]: '2000000x30' },
    extract,
    'extract of n is 2000000 records behind',
  ),
  silent('EltLagRecordsHigh', 'for one minute only', { [gauge('elt_lag_records')]: '0x10 2000000x1 0x20' }, '12m'),
  fires(
    'EltLagSecondsHigh',
    'half an hour behind',
    { [gauge('elt_lag_seconds')]: '1800x30' },
    extract,
    'extract of n is 30m 0s behind',
  ),
  silent('EltLagSecondsHigh', 'five minutes', { [gauge('elt_lag_seconds')]: '300x30' }),
  fires(
    'EltTimeToLossLow',
    'an hour left',
    { 'elt_time_to_loss_seconds{pipeline="n"}': '3600x30' },
    n,
    'Kafka may delete unread records of n in 1h 0m 0s',
  ),
  silent('EltTimeToLossLow', 'six days left', { 'elt_time_to_loss_seconds{pipeline="n"}': '518400x30' }),
  silent('EltTimeToLossLow', 'nothing unread: not sent', { [gauge('elt_lag_records')]: '0x30' }),
  fires(
    'EltLagUnknown',
    'Trino went down while little time was left',
    { ...known, [gauge('elt_lag_records')]: '5x9 stale', 'elt_time_to_loss_seconds{pipeline="n"}': '3600x9 stale' },
    n,
    'How far EXTRACT of n is behind, and how long until records are lost, is unknown',
  ),
  silent('EltLagUnknown', 'the lag is known', { ...known, [gauge('elt_lag_records')]: '0x30' }),
  silent('EltLagUnknown', 'of TRANSFORM', { 'elt_active_runs{pipeline="n",stage="transform",state="queued"}': '0x30' }),
  silent('EltLagUnknown', 'one answer is missing', { ...known, [gauge('elt_lag_records')]: '5x18 _ 5x20' }),
  silent('EltTimeToLossLow', 'Trino went down: EltLagUnknown fires instead', {
    ...known,
    'elt_time_to_loss_seconds{pipeline="n"}': '3600x9 stale',
  }),
  fires(
    'EltTableStale',
    'two days old',
    { 'elt_table_freshness_seconds{pipeline="n",table="silver.n"}': '172800x30' },
    { ...n, table: 'silver.n' },
    'silver.n has had no new rows for 2d 0h 0m 0s',
  ),
  silent('EltTableStale', 'an hour old', { 'elt_table_freshness_seconds{pipeline="n",table="silver.n"}': '3600x30' }),
];

const proof: readonly AlertCase[] = [
  fires(
    'EltValidationFailed',
    'the newest verification failed',
    { [gauge('elt_last_verification_passed')]: '1x9 0x20' },
    extract,
    'The newest verification of extract of n failed',
  ),
  silent('EltValidationFailed', 'it failed once, and passes again', {
    [gauge('elt_last_verification_passed')]: '0x5 1x30',
  }),
  silent('EltValidationFailed', 'nothing was verified yet', { [gauge('elt_lag_records')]: '0x30' }),
  fires(
    'EltRowsUnaccounted',
    'three rows',
    { 'elt_unaccounted_rows{pipeline="n"}': '3x30' },
    n,
    'RAW differs from SILVER plus rejects by 3 rows in n',
  ),
  silent('EltRowsUnaccounted', 'none', { 'elt_unaccounted_rows{pipeline="n"}': '0x30' }),
  silent('EltRowsUnaccounted', 'a moment between two questions', {
    'elt_unaccounted_rows{pipeline="n"}': '0x19 7 0x9',
  }),
];

const runs: readonly AlertCase[] = [
  fires(
    'EltRunLost',
    'one, after the announcement',
    { [attempts('lost')]: '0x15 1x15' },
    extract,
    'A run of extract of n was lost: nobody who knew its driver answered',
  ),
  silent('EltRunLost', 'an hour ago', { [attempts('lost')]: '0x5 1x90' }, '80m'),
  fires(
    'EltRunFenced',
    'one',
    { [attempts('fenced')]: '0x15 1x15' },
    extract,
    'A run of extract of n was fenced: another writer claimed its table',
  ),
  silent('EltRunFenced', 'others succeed', { [attempts('fenced')]: '0x30', [attempts('succeeded')]: '0+1x30' }),
  fires(
    'EltRunsFailing',
    'one',
    { [attempts('failed')]: '4x15 5x15' },
    extract,
    'Runs or attempts of extract of n fail',
  ),
  silent('EltRunsFailing', 'stopped is not failed', { [attempts('failed')]: '4x30', [attempts('stopped')]: '0+1x30' }),
];

const system: readonly AlertCase[] = [
  fires(
    'EltNoWorker',
    'nobody serves extract',
    { 'elt_workers_alive{stage="extract"}': '0x30' },
    { stage: 'extract' },
    'No elt worker serves the queue of extract',
  ),
  silent('EltNoWorker', 'one does', { 'elt_workers_alive{stage="extract"}': '1x30' }),
  fires(
    'EltRunWaitsLong',
    'five minutes',
    { 'elt_oldest_waiting_seconds{stage="extract"}': '300x30' },
    { stage: 'extract' },
    'A run of extract has waited 5m 0s for a worker',
  ),
  silent('EltRunWaitsLong', 'half a minute', { 'elt_oldest_waiting_seconds{stage="extract"}': '30x30' }),
  fires(
    'EltSparkCoresMissing',
    'two cores',
    { elt_spark_cores_waiting: '2x30' },
    {},
    'Spark applications wait for 2 cores',
  ),
  silent('EltSparkCoresMissing', 'while executors start', { elt_spark_cores_waiting: '0x18 2x1 0x20' }),
  fires(
    'EltMetricsMissing',
    'the last worker went ten minutes ago',
    { 'elt_workers_alive{stage="extract"}': '1x3 stale' },
    {},
    'No elt worker reports: nothing is known of lag, freshness and queues',
  ),
  silent('EltMetricsMissing', 'a worker reports', { 'elt_workers_alive{stage="extract"}': '0x30' }),
  fires(
    'EltTargetDown',
    'Telegraf is gone',
    { 'up{job="telegraf"}': '1x5 0x30', 'up{job="prometheus"}': '1x30' },
    { job: 'telegraf' },
    'Prometheus cannot scrape telegraf',
  ),
  silent('EltTargetDown', 'all answer', { 'up{job="telegraf"}': '1x30' }),
  fires(
    'EltWatchdog',
    'always',
    { 'up{job="telegraf"}': '1x30' },
    {},
    'Always fires: when it does not arrive, alerting itself is broken',
  ),
];

export const alertCases: readonly AlertCase[] = [...flow, ...proof, ...runs, ...system];
/** It has nothing to be silent about. */
export const alwaysFiring: ReadonlySet<string> = new Set(['EltWatchdog']);
