// B2: EXTRACT's drain rate against the Iceberg sink of Kafka Connect on the same topic, metastore and S3, in alternating pairs.
// The sink writes the value, the record's place and its time: five columns of RAW's nine. Both commit every 10 s.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../setup.mjs';
import { bringsRows, fill, openLine, program, ratioRow, rawCounts, steadyRate, storageEnvironment } from './line.mjs';

const pairs = 2;
const shapes = [
  { what: '6 B', recordBytes: 6, records: 15_000_000, kind: 'integers' },
  { what: '100 B', recordBytes: 100, records: 6_000_000 },
  { what: '1 KB incompressible', recordBytes: 1_000, records: 1_500_000, kind: 'bytes' },
];
const commitIntervalMs = 10_000;

export async function benchConnectSink(work) {
  const classPath = await fetchClassPath(work);
  const rows = [];
  for (const shape of shapes) rows.push(await benchShape(work, classPath, shape));
  return rows;
}

async function benchShape(work, classPath, { what, recordBytes, records, kind }) {
  const topic = `bench_connect_${recordBytes}_${Date.now().toString(36)}`;
  const ours = [];
  const sink = [];
  const counts = { lost: 0, doubled: 0 };
  const first = await openLine(work, topic);
  console.error(`producing ${records} records of ${what} …`);
  await fill(first, records, { recordBytes, kind });
  for (let pair = 0; pair < pairs; pair += 1) {
    const line = pair === 0 ? first : await openLine(work, `${topic}_${pair}`, { topic });
    const steps = [
      async () => ours.push(steadyRate(commitsOf(line))),
      async () => sink.push(steadyRate(await sinkCommits(work, classPath, line, records))),
    ];
    try {
      for (const step of pair % 2 === 0 ? steps : steps.reverse()) await step();
      const { lost, doubled } = await rawCounts(line, records);
      counts.lost += lost;
      counts.doubled += doubled;
    } finally {
      await line.close();
    }
  }
  return ratioRow(`EXTRACT ÷ Kafka Connect sink, ${what}`, ours, sink, 'rows/s', counts);
}

function commitsOf(line) {
  const { runId } = line.run('extract');
  return line.events(runId).filter(bringsRows);
}

/** Drains the line's topic with a Connect worker of its own into a table that is dropped afterwards; its commits, oldest first. */
async function sinkCommits(work, classPath, line, records) {
  const table = `${line.name}_sink`;
  const { createTopic } = await import(join(root, 'dist/kafka/create-topic.js'));
  await createTopic(line.config.kafka, `${table}_control`, { partitions: 1 });
  const worker = startWorker(work, classPath, line, table);
  try {
    const until = Date.now() + 300_000;
    for (let rows = 0; rows < records; ) {
      const end = worker.end();
      if (end !== null) throw new Error(`The Connect worker ended before its time (${end}): ${worker.lastWords()}`);
      if (Date.now() > until) throw new Error(`The sink has ${rows} of ${records} rows: ${worker.lastWords()}`);
      await sleep(2_000);
      rows = await line.number(`SELECT count(*) FROM raw.${table}`).catch(() => 0);
    }
    const snapshots = await line.trino.query(
      "SELECT to_iso8601(committed_at) AS at, element_at(summary, 'added-records') AS rows " +
        `FROM raw."${table}$snapshots" ORDER BY committed_at`,
    );
    return snapshots.filter(({ rows }) => Number(rows) > 0);
  } finally {
    await worker.stop();
    await line.trino.query(`DROP TABLE IF EXISTS raw.${table}`);
  }
}

function startWorker(work, classPath, line, table) {
  const dir = join(work, table);
  mkdirSync(dir, { recursive: true });
  const write = (name, properties) => {
    const file = join(dir, name);
    const rows = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
    writeFileSync(file, `${rows.join('\n')}\n`);
    return file;
  };
  const files = [write('worker.properties', workerOf(line, dir)), write('sink.properties', sinkOf(line, table))];
  const jars = [...classPath, join(line.config.spark.home, 'jars/*')].join(':');
  const quiet = line.config.spark.javaOptions.filter((option) => option.startsWith('-Dlog4j2.'));
  const java = ['-Xmx2g', '-XX:+UseParallelGC', ...quiet, '-cp', jars];
  const log = join(dir, 'worker.log');
  const file = openSync(log, 'w');
  const child = spawn('java', [...java, 'org.apache.kafka.connect.cli.ConnectStandalone', ...files], {
    env: { ...storageEnvironment(line), AWS_REGION: line.config.s3.region },
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  let end = null;
  const ended = new Promise((resolve) => {
    child.on('error', ({ message }) => resolve(message));
    child.on('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
  }).then((how) => {
    end = how;
  });
  return {
    /** How it ended; null while it runs. */
    end: () => end,
    /** The end of its log, which goes with the bench's folder. */
    lastWords: () => readFileSync(log, 'utf8').slice(-2_000),
    async stop() {
      child.kill();
      await ended;
    },
  };
}

function workerOf(line, dir) {
  return {
    'bootstrap.servers': line.config.kafka.bootstrapServers,
    'key.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
    'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
    'offset.storage.file.filename': join(dir, 'offsets'),
    // A task without records sleeps until then, and the last commits wait for it.
    'offset.flush.interval.ms': 1_000,
    'plugin.discovery': 'service_load',
    listeners: 'http://127.0.0.1:0',
    'consumer.max.poll.records': 2_000,
    'consumer.max.partition.fetch.bytes': 8 << 20,
  };
}

function sinkOf(line, table) {
  const { catalog, s3 } = line.config;
  return {
    name: table,
    'connector.class': 'org.apache.iceberg.connect.IcebergSinkConnector',
    'tasks.max': 2,
    topics: line.topic,
    'consumer.override.auto.offset.reset': 'earliest',
    'iceberg.tables': `raw.${table}`,
    'iceberg.tables.auto-create-enabled': true,
    'iceberg.tables.default-partition-by': 'hour(kafka_timestamp)',
    'iceberg.tables.auto-create-props.write.parquet.compression-codec': 'snappy',
    'iceberg.tables.auto-create-props.write.metadata.metrics.default': 'counts',
    'iceberg.control.topic': `${table}_control`,
    'iceberg.control.commit.interval-ms': commitIntervalMs,
    'iceberg.catalog.type': 'hive',
    'iceberg.catalog.uri': catalog.metastore,
    'iceberg.catalog.warehouse': catalog.warehouse,
    'iceberg.catalog.io-impl': 'org.apache.iceberg.aws.s3.S3FileIO',
    'iceberg.catalog.s3.endpoint': s3.endpoint,
    'iceberg.catalog.s3.path-style-access': s3.pathStyle,
    'iceberg.catalog.client.region': s3.region,
    // The sink takes structures only.
    transforms: 'value,place',
    'transforms.value.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
    'transforms.value.field': 'value',
    'transforms.place.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
    'transforms.place.topic.field': 'kafka_topic',
    'transforms.place.partition.field': 'kafka_partition',
    'transforms.place.offset.field': 'kafka_offset',
    'transforms.place.timestamp.field': 'kafka_timestamp',
  };
}

/** The worker's jars, fetched by Maven on demand. */
async function fetchClassPath(work) {
  const list = join(work, 'connect-sink.classpath');
  const pom = join(root, 'scripts/bench/connect-sink-pom.xml');
  const scope = ['-DincludeScope=runtime', `-Dmdep.outputFile=${list}`];
  await program('mvn', ['-q', '-B', '-f', pom, 'dependency:build-classpath', ...scope]);
  return readFileSync(list, 'utf8').trim().split(':');
}
