/**
 * Every metric there is. Names are the same in StatsD, Prometheus, panels and alerts. Labels are bounded: pipelines, stages, tables and
 * states are few; run ids, driver ids and offsets never become labels.
 */
export type Label = 'pipeline' | 'stage' | 'table' | 'state' | 'verdict';
export type Unit =
  | 'events'
  | 'rows'
  | 'bytes'
  | 'seconds'
  | 'commits'
  | 'runs'
  | 'checks'
  | 'workers'
  | 'cores'
  | 'boolean';
/** `driver`: the Spark driver. `control plane`: the elt worker that looks after a run, or collects. */
export type Sender = 'driver' | 'control plane';

const define =
  <const K extends 'counter' | 'gauge' | 'distribution'>(kind: K) =>
  <const L extends readonly Label[]>(unit: Unit, labels: L, sender: Sender, meaning: string) => ({
    kind,
    unit,
    labels,
    sender,
    meaning,
  });

/** Only grows; announced with +0 by the collector, so that the first increment is one for `rate()` too. */
const counter = define('counter');
/** What is so now; not sent while it is unknown, and forgotten a minute after it was last sent. */
const gauge = define('gauge');
/** Measured values, counted in buckets by Telegraf. */
const distribution = define('distribution');

const ofPipeline = ['pipeline'] as const;
const ofTable = ['pipeline', 'table'] as const;
const ofStage = ['pipeline', 'stage'] as const;
const ofState = ['pipeline', 'stage', 'state'] as const;

export const metricsCatalogue = {
  elt_events_processed_total: counter('events', ofTable, 'driver', 'Kafka records committed to RAW: one row each.'),
  elt_silver_rows_total: counter('rows', ofTable, 'driver', 'Rows committed to SILVER.'),
  elt_rejected_rows_total: counter(
    'rows',
    ofTable,
    'driver',
    'Rows of RAW that could not become SILVER; `table` is SILVER.',
  ),
  elt_commits_total: counter('commits', ofStage, 'driver', 'Commits that are certain.'),
  elt_commit_duration_seconds: distribution('seconds', ofStage, 'driver', 'The commit alone, without writing files.'),
  elt_batch_duration_seconds: distribution('seconds', ofStage, 'driver', 'Reading and writing the files of a batch.'),
  elt_batch_rows: distribution('rows', ofStage, 'driver', 'Rows of a batch; rejects count.'),
  elt_batch_bytes: distribution('bytes', ofStage, 'driver', 'Size of the data files of a batch.'),
  elt_driver_startup_seconds: distribution('seconds', ofStage, 'driver', 'From main to a Spark session that is up.'),

  elt_runs_total: counter('runs', ofState, 'control plane', 'Runs that ended, by their final state.'),
  elt_attempts_total: counter('runs', ofState, 'control plane', 'Attempts that ended; a run that follows has many.'),
  elt_verifications_total: counter(
    'runs',
    ['pipeline', 'stage', 'verdict'],
    'control plane',
    'Runs whose rows were verified: pass, fail, unknown.',
  ),
  elt_checks_total: counter(
    'checks',
    ['pipeline', 'stage', 'verdict'],
    'control plane',
    'Checks after runs: pass, fail, error.',
  ),
  elt_run_duration_seconds: distribution('seconds', ofState, 'control plane', 'From the start of a run to its end.'),
  elt_run_startup_seconds: distribution(
    'seconds',
    ofStage,
    'control plane',
    'From the request of a run to its driver at work.',
  ),
  elt_active_runs: gauge('runs', ofState, 'control plane', 'Runs that are queued, submitting or running.'),
  elt_last_verification_passed: gauge(
    'boolean',
    ofStage,
    'control plane',
    '1: the newest verification that could tell passed, 0: it failed.',
  ),

  elt_lag_records: gauge(
    'rows',
    ofStage,
    'control plane',
    'What the stage has not read yet: Kafka records, rows of RAW.',
  ),
  elt_lag_seconds: gauge(
    'seconds',
    ofStage,
    'control plane',
    'Age of the oldest of them; 0 when there is nothing to read.',
  ),
  elt_time_to_loss_seconds: gauge(
    'seconds',
    ofPipeline,
    'control plane',
    'Until Kafka may delete the first unread record by age. Not sent without unread records, nor where size or compaction decides.',
  ),
  elt_table_freshness_seconds: gauge(
    'seconds',
    ofTable,
    'control plane',
    'Since the newest rows of a table came into RAW.',
  ),
  elt_table_rows: gauge('rows', ofTable, 'control plane', 'Rows of a table, as its current snapshot counts them.'),
  elt_unaccounted_rows: gauge(
    'rows',
    ofPipeline,
    'control plane',
    'Rows of RAW up to the clock of SILVER, minus SILVER, minus rejects: 0 or something is wrong.',
  ),

  elt_queue_depth: gauge('runs', ['stage'], 'control plane', 'Runs that wait for a worker.'),
  elt_oldest_waiting_seconds: gauge(
    'seconds',
    ['stage'],
    'control plane',
    'How long the first of them has waited; 0 when none waits.',
  ),
  elt_workers_alive: gauge(
    'workers',
    ['stage'],
    'control plane',
    'elt workers that serve the queue of a stage; 0 is sent only for stages that are declared, scheduled or asked for.',
  ),
  elt_spark_cores_waiting: gauge(
    'cores',
    [],
    'control plane',
    'Cores that applications want and no Spark worker has for them.',
  ),
  elt_spark_cores_free: gauge('cores', [], 'control plane', 'Cores of living Spark workers that nobody uses.'),
} as const;

export type MetricName = keyof typeof metricsCatalogue;
type NameOf<K> = { [N in MetricName]: (typeof metricsCatalogue)[N]['kind'] extends K ? N : never }[MetricName];
export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type DistributionName = NameOf<'distribution'>;
/** The labels that a metric must be sent with, all of them. */
export type LabelsOf<N extends MetricName> = Readonly<Record<(typeof metricsCatalogue)[N]['labels'][number], string>>;

/** Upper bounds of the buckets in which Telegraf counts a distribution. */
export const bucketsOf: Partial<Record<Unit, readonly number[]>> = {
  seconds: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400],
  rows: [1, 100, 1000, 10000, 100000, 500000, 2000000, 10000000],
  bytes: [65536, 1048576, 16777216, 67108864, 268435456, 1073741824],
};
