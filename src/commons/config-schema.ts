import { z } from 'zod';
import { cronProblem, isTimeZone } from './cron.js';
import { parseStatsdAddress } from './statsd-address.js';
import { parseDurationMs, parseSizeBytes } from './units.js';

const identifier = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'expected a name of lower-case letters, digits and _, starting with a letter');

const tableName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}\.[a-z_][a-z0-9_]{0,62}$/, 'expected schema.table in lower-case letters, digits and _');

const topicName = z
  .string()
  .regex(
    /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/,
    'expected a Kafka topic name (letters, digits, ".", "_", "-", at most 249)',
  );

const measure = (parse: (text: string) => number | undefined, examples: string) => (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const value = parse(text);
      if (value !== undefined && value > 0) return value;
      context.addIssue({ code: 'custom', message: `expected ${examples}, got "${text}"` });
      return z.NEVER;
    });

const durationMs = measure(parseDurationMs, 'a duration like "10s", "5m" or "1h"');
const threshold = (fallback: number) => z.coerce.number().min(0).default(fallback);
const sizeBytes = measure(parseSizeBytes, 'a size like "512MiB" or "2GiB"');

const statsdAddress = z
  .string()
  .refine((text) => parseStatsdAddress(text) !== undefined, { message: 'expected host:port, e.g. 127.0.0.1:8125' });

const addresses = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value),
  z.array(z.string().min(1)).min(1),
);

const mode = z.enum(['follow', 'drain']);
const rowsPerCommit = (fallback: number) => z.coerce.number().int().min(1).max(100_000_000).default(fallback);

/** When runs start by themselves. Slots of `every` are counted from 1970, so that they do not depend on when a worker started. */
export const scheduleSchema = z.union([
  z.strictObject({
    every: durationMs('1m').refine((ms) => ms >= 1_000, 'expected at least "1s" between two runs'),
  }),
  z.strictObject({
    cron: z.string().superRefine((text, context) => {
      const problem = cronProblem(text);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    }),
    timeZone: z
      .string()
      .default('UTC')
      .superRefine((name, context) => {
        if (isTimeZone(name)) return;
        context.addIssue({
          code: 'custom',
          message: `expected a name of the time zone database like "Europe/Paris", got "${name}"`,
        });
      }),
  }),
]);

const extractSchema = z.strictObject({
  topic: topicName,
  table: tableName,
  mode: mode.default('follow'),
  commitInterval: durationMs('10s'),
  maxRowsPerCommit: rowsPerCommit(10_000_000),
  startFrom: z.enum(['earliest', 'latest']).default('earliest'),
  gaps: z.enum(['forbid', 'allow']).default('forbid'),
  schedule: scheduleSchema.optional(),
});

const transformSchema = z.strictObject({
  /** The RAW table to read; the pipeline's own by default. */
  from: tableName.optional(),
  table: tableName,
  /** `<table>_rejects` by default. */
  rejectsTable: tableName.optional(),
  /** A file with one SELECT over the view `raw`, relative to `elt.yaml`. */
  sql: z
    .string()
    .min(1)
    .max(500)
    .refine((path) => !/^([/~]|[A-Za-z]:)/.test(path) && !path.split(/[\\/]/).includes('..'), {
      message: 'expected a path below the folder of elt.yaml, without ".."',
    }),
  mode: mode.default('drain'),
  commitInterval: durationMs('10s'),
  maxRowsPerCommit: rowsPerCommit(2_000_000),
  /** How far `event_time` may lie before and after the row's `ingested_at`. */
  acceptedWindow: z.strictObject({ past: durationMs('36500d'), future: durationMs('1d') }).prefault({}),
  schedule: scheduleSchema.optional(),
});

const oneDayMs = 86_400_000;

/** Upkeep of a pipeline's tables: `elt maintain`, by hand or by a schedule. */
const maintainSchema = z
  .strictObject({
    schedule: scheduleSchema.optional(),
    /** How long a snapshot is kept after another one took its place: whoever had begun to read it can finish. */
    keepSnapshots: durationMs('1h'),
    /** How old a file must be that nothing refers to before it is removed. */
    orphanGrace: durationMs('3d'),
    /** For tests: an `orphanGrace` that may take files from under a running driver. */
    allowShortGrace: z.union([z.boolean(), z.stringbool()]).default(false),
    targetFileSize: sizeBytes('128MiB'),
    /** Fewer small files in a partition are left alone. */
    minFilesToCompact: z.coerce.number().int().min(2).max(10_000).default(5),
  })
  .refine(({ orphanGrace, allowShortGrace }) => orphanGrace >= oneDayMs || allowShortGrace, {
    path: ['orphanGrace'],
    message: 'expected at least "1d": younger files may belong to a batch that a driver has in hand',
  })
  .prefault({});

const pipelineSchema = z
  .strictObject({ extract: extractSchema.optional(), transform: transformSchema.optional(), maintain: maintainSchema })
  .refine((pipeline) => pipeline.extract !== undefined || pipeline.transform !== undefined, {
    message: 'expected "extract", "transform" or both',
  })
  .refine((pipeline) => pipeline.extract !== undefined || pipeline.transform?.from !== undefined, {
    message: 'a pipeline without "extract" needs transform.from (the RAW table to read)',
  });

const resources = (cores: number, memory: string) =>
  z.strictObject({ cores: z.coerce.number().int().min(1).default(cores), memory: sizeBytes(memory) }).prefault({});

/** Thresholds of the alerts in `src/monitoring/alerts.ts`. */
const alertsSchema = z
  .strictObject({
    /** How long a condition on a current value must hold. */
    for: durationMs('2m'),
    /** What rates and increases are counted over. */
    window: durationMs('15m').refine((ms) => ms >= 15_000, {
      message: 'expected at least 15s: a rate needs two of the samples that Prometheus takes every 5 s',
    }),
    /** Kafka records committed to RAW per minute; `below` only while an EXTRACT run is active. */
    eventsPerMinute: z.strictObject({ above: threshold(6_000_000), below: threshold(1) }).prefault({}),
    lagRecords: threshold(1_000_000),
    lag: durationMs('15m'),
    timeToLoss: durationMs('1d'),
    freshness: durationMs('1d'),
    queueWait: durationMs('2m'),
    /** Where Alertmanager posts what fires and what is over. Absent: nobody is told. Such an address is often a secret: ELT_ALERTS_WEBHOOK. */
    webhook: z.url().optional(),
  })
  .prefault({});

/** The shape of `elt.yaml`. Every key has a default but `pipelines`; unknown keys are errors. */
export const configSchema = z.strictObject({
  kafka: z
    .strictObject({
      bootstrapServers: z
        .string()
        .regex(
          /^\s*(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):\d{1,5}(\s*,\s*(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):\d{1,5})*\s*$/,
          'expected host:port, several separated by commas',
        )
        .default('127.0.0.1:9092'),
      properties: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  spark: z
    .strictObject({
      submitter: z.enum(['rest', 'spark-submit']).default('rest'),
      deployMode: z.enum(['cluster', 'client']).default('cluster'),
      masters: addresses.default(['spark://127.0.0.1:7077']),
      rest: addresses.default(['http://127.0.0.1:6066']),
      ui: addresses.default(['http://127.0.0.1:8080']),
      home: z.string().optional(),
      classPath: z.array(z.string()).default([]),
      /** More options for the JVMs of drivers and executors, e.g. a class data sharing archive on the workers. */
      javaOptions: z.array(z.string()).default([]),
      applicationJar: z.string().default('spark-jobs/target/elt-spark-jobs.jar'),
      driver: resources(1, '1GiB'),
      executor: resources(2, '2GiB'),
      /** Cores that one application may take in all (spark.cores.max). */
      coresMax: z.coerce.number().int().min(1).default(2),
      workerTimeout: durationMs('60s'),
      properties: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  catalog: z
    .strictObject({
      name: identifier.default('lakehouse'),
      metastore: z.string().default('thrift://127.0.0.1:9083'),
      warehouse: z.string().default('s3a://lakehouse/warehouse'),
    })
    .prefault({}),
  s3: z
    .strictObject({
      /** Absent means AWS. */
      endpoint: z.string().optional(),
      region: z.string().default('us-east-1'),
      pathStyle: z.union([z.boolean(), z.stringbool()]).default(true),
    })
    .prefault({}),
  trino: z
    .strictObject({
      url: z.url().default('http://127.0.0.1:8090'),
      user: z.string().min(1).default('elt'),
      catalog: identifier.default('lakehouse'),
      timeout: durationMs('120s'),
    })
    .prefault({}),
  redis: z
    .strictObject({ url: z.string().default('redis://127.0.0.1:6379'), prefix: identifier.default('elt') })
    .prefault({}),
  metrics: z
    .strictObject({
      /** Where StatsD listens, `host:port`. Absent: nothing is measured. */
      statsd: statsdAddress.optional(),
      /** Telegraf's Prometheus page, for `elt doctor`. */
      telegraf: z.url().optional(),
      /** How often lag, freshness and queues are measured. */
      interval: durationMs('30s').refine((ms) => ms <= 45_000, {
        message: 'expected at most 45s: Telegraf forgets a gauge after a minute',
      }),
    })
    .prefault({}),
  alerts: alertsSchema,
  dashboard: z
    .strictObject({
      /** Anything but loopback needs a password. */
      host: z.string().min(1).default('127.0.0.1'),
      port: z.coerce.number().int().min(0).max(65_535).default(3001),
      /** `false`: who knows the password may stop runs, and retry, promote or remove queue jobs. */
      readOnly: z.union([z.boolean(), z.stringbool()]).default(true),
      /** Other names (`host:port`) by which browsers reach it, behind a proxy for instance. */
      allowedHosts: z.array(z.string().min(1)).default([]),
      /** A file with the password on its first line; ELT_DASHBOARD_PASSWORD goes before it. */
      passwordFile: z.string().min(1).optional(),
    })
    .prefault({}),
  log: z
    .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .prefault({}),
  pipelines: z.record(identifier, pipelineSchema),
});

/** Durations are milliseconds, sizes bytes. */
export type ConfigValues = z.output<typeof configSchema>;
export type ExtractConfig = z.output<typeof extractSchema>;
export type TransformConfig = z.output<typeof transformSchema>;
/** Thresholds; durations in ms. */
export type AlertsConfig = z.output<typeof alertsSchema>;
export type ScheduleConfig = z.output<typeof scheduleSchema>;
export type PipelineConfig = z.output<typeof pipelineSchema>;
