// A topic with its tables for a measurement: its own elt.yaml and Redis prefix on the running stack.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';

const eltProgram = join(root, 'dist/bin/elt.js');

/** Opens a line: `name` becomes tables and pipeline, and the topic unless there is one already. `sql` is the transform's SELECT. */
export async function openLine(work, name, { topic, partitions = 4, sql, extract = {}, transform = {} } = {}) {
  const dir = join(work, name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'select.sql'), sql ?? readFileSync(join(root, 'pipelines/numbers.sql'), 'utf8'));
  const pipeline = {
    extract: { topic: topic ?? name, table: `raw.${name}`, mode: 'drain', ...extract },
    transform: { table: `silver.${name}`, sql: 'select.sql', mode: 'drain', ...transform },
  };
  const declare = () => writeFileSync(join(dir, 'elt.yaml'), JSON.stringify({ pipelines: { [name]: pipeline } }));
  declare();
  const env = { ...process.env, ELT_REDIS_PREFIX: name, ELT_LOG_LEVEL: 'error' };
  const { loadConfig } = await import(join(root, 'dist/commons/config.js'));
  const { createTopic } = await import(join(root, 'dist/kafka/create-topic.js'));
  const { openTrino } = await import(join(root, 'dist/trino/client.js'));
  const config = loadConfig({ env, cwd: dir });
  if (topic === undefined) await createTopic(config.kafka, name, { partitions });
  const trino = openTrino(config.trino);
  const elt = (args) =>
    spawnSync(process.execPath, [eltProgram, ...args], { cwd: dir, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  const silver = [pipeline.transform.table];
  return {
    name,
    topic: topic ?? name,
    /** TRANSFORM's present table. */
    silver: pipeline.transform.table,
    config,
    trino,
    /** Records that `produceNumbers` has sent. */
    produced: 0,
    /** `elt …` to its end. */
    elt,
    /** `elt …` in the background; `ended` resolves with its end. */
    start(args) {
      const child = spawn(process.execPath, [eltProgram, ...args], { cwd: dir, env, stdio: 'ignore' });
      return { child, ended: new Promise((resolve) => child.on('close', resolve)) };
    },
    /** `elt run STAGE -o json`; throws when it does not succeed. */
    run(stage, ...flags) {
      const result = elt(['run', stage, ...flags, '-o', 'json']);
      const report = JSON.parse(result.stdout || 'null');
      if (report === null || (report.state !== undefined && report.state !== 'succeeded')) {
        throw new Error(
          `elt run ${stage} of ${name} ended with exit ${result.status}: ${result.stdout}${result.stderr}`,
        );
      }
      return report;
    },
    /** The driver's events, oldest first. */
    events(runId) {
      const { stdout } = elt(['logs', runId, '--stdout']);
      return stdout
        .split('\n')
        .filter((text) => text.startsWith('{'))
        .map((text) => JSON.parse(text));
    },
    async number(sql) {
      return Number((await trino.query(`SELECT CAST((${sql}) AS varchar) AS n`))[0].n);
    },
    /** The same line, with another table for TRANSFORM to fill from the start. */
    withTransform(table) {
      silver.push(table);
      pipeline.transform.table = table;
      declare();
      return { ...this, silver: table };
    },
    /** Rows of RAW; 0 while there is no table. */
    async rawRows() {
      return await this.number(`SELECT count(*) FROM raw.${name}`).catch(() => 0);
    },
    /** The line's runs in Redis; the caller disconnects. */
    async runs() {
      const { Redis } = await import('ioredis');
      const { RunStore } = await import(join(root, 'dist/pipeline/run-store.js'));
      const redis = new Redis(config.redis.url);
      return { redis, store: new RunStore(redis, name) };
    },
    async close() {
      for (const table of [...silver.flatMap((one) => [`${one}_rejects`, one]), `raw.${name}`]) {
        await trino.query(`DROP TABLE IF EXISTS ${table}`);
      }
      await trino.close();
    },
  };
}

/**
 * Fills a topic: with random `bytes` or `integers` of `recordBytes` if that is the `kind`, else by Kafka's own load tool, with the
 * values of a file (`payloads`) or random letters.
 */
export async function fill(line, records, { recordBytes, kind, payloads, throughput = -1 }) {
  if (kind !== undefined) {
    const topic = [line.config.kafka.bootstrapServers, line.topic];
    await yardstick('elt.bench.RandomRecords', line, [...topic, String(records), String(recordBytes), kind]);
    return;
  }
  const source = payloads === undefined ? ['--record-size', String(recordBytes)] : ['--payload-file', payloads];
  await kafkaTool(line, 'ProducerPerformance', [
    ...['--topic', line.topic, '--num-records', String(records), '--throughput', String(throughput), ...source],
    ...['--producer-props', `bootstrap.servers=${line.config.kafka.bootstrapServers}`],
    ...['acks=all', 'batch.size=131072', 'linger.ms=20'],
  ]);
}

/** The output of one of Kafka's own tools. */
export async function kafkaTool(line, name, args) {
  const { paths } = JSON.parse(readFileSync(join(line.config.stackDir, 'stack.json'), 'utf8'));
  return await program('java', ['-Xmx1g', '-cp', `${paths.kafkaJars}/*`, `org.apache.kafka.tools.${name}`, ...args]);
}

/** Numbers in order, each once. */
export async function produceNumbers(line, count) {
  const { Kafka, logLevel } = await import('kafkajs');
  const brokers = line.config.kafka.bootstrapServers.split(',');
  const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  try {
    for (let sent = 0; sent < count; sent += 5_000) {
      const length = Math.min(5_000, count - sent);
      const messages = Array.from({ length }, (_, index) => ({ value: String(line.produced + index) }));
      await producer.send({ topic: line.topic, acks: -1, messages });
      line.produced += length;
    }
  } finally {
    await producer.disconnect();
  }
}

/** Verifications of a stage through Trino, in ms: of what came since this call, and of everything. */
export async function verificationOf(line, stageName) {
  const { stagesUnderCheck } = await import(join(root, 'dist/cli/stages-under-check.js'));
  const { validateStage, verifyIncrement } = await import(join(root, 'dist/pipeline/verify.js'));
  const { ledgerOf } = await import(join(root, 'dist/trino/ledger-queries.js'));
  const { baselineOf } = await import(join(root, 'dist/pipeline/verified-baseline.js'));
  const stage = stagesUnderCheck(line.config, line.name).find((one) => one.stage === stageName);
  const baselines = new Map();
  for (const role of stage.checked) {
    const ledger = await ledgerOf(line.trino, stage.tables[role]);
    baselines.set(stage.tables[role], baselineOf(ledger));
  }
  const store = { read: async (table) => baselines.get(table) ?? null, write: async () => {} };
  const timed = async (action, isPassed) => {
    const startedAt = performance.now();
    const outcome = await action();
    if (!isPassed(outcome)) throw new Error(`The verification failed: ${JSON.stringify(outcome)}`);
    return performance.now() - startedAt;
  };
  return {
    increment: () =>
      timed(
        () => verifyIncrement(line.trino, store, stage),
        ({ verified, scope }) => verified === true && scope === 'increment',
      ),
    full: () =>
      timed(
        () => validateStage(stage, { trino: line.trino, topicOffsets: null }),
        ({ results }) => results.length > 0 && results.every(({ verdict }) => verdict === 'pass'),
      ),
  };
}

/** The output of a program; throws with the end of all it has said when it fails: spark-submit prints a Python program's errors as output. */
export function program(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const out = [];
    const err = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve(Buffer.concat(out).toString());
      const said = Buffer.concat([...out, ...err]).toString();
      reject(new Error(`${command} ended with ${code}: ${said.slice(-4000)}`));
    });
  });
}

/** What a process needs to reach the stack's S3. */
export function storageEnvironment(line) {
  const { paths } = JSON.parse(readFileSync(join(line.config.stackDir, 'stack.json'), 'utf8'));
  const secrets = JSON.parse(readFileSync(paths.secrets, 'utf8'));
  return { ...process.env, AWS_ACCESS_KEY_ID: secrets.s3AccessKey, AWS_SECRET_ACCESS_KEY: secrets.s3SecretKey };
}

/** JSON lines that a Java yardstick of `elt.bench` printed. */
export async function yardstick(mainClass, line, args, env = process.env) {
  const jars = [
    join(root, 'spark-jobs/target/test-classes'),
    ...line.config.spark.classPath,
    join(line.config.spark.home, 'jars/*'),
  ];
  const text = await program('java', ['-Xmx1g', '-cp', jars.join(':'), mainClass, ...args], env);
  return text
    .split('\n')
    .filter((row) => row.startsWith('{'))
    .map((row) => JSON.parse(row));
}

/** Whether a driver's event is a commit with rows. */
export function bringsRows({ event, rows }) {
  return event === 'commit' && rows > 0;
}

/** Rows per second over all commits but the first. `commits`: `at` (ISO 8601) and `rows` of each, oldest first. */
export function steadyRate(commits) {
  const rows = commits.slice(1).reduce((sum, commit) => sum + Number(commit.rows), 0);
  return rows / ((Date.parse(commits.at(-1).at) - Date.parse(commits[0].at)) / 1000);
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** One row of the report from paired measurements. */
export function ratioRow(what, ours, theirs, unit, counts) {
  const ratios = ours.map((value, index) => value / theirs[index]);
  const shown = (values) => `${Math.round(median(values)).toLocaleString('en')} ${unit}`;
  return {
    what,
    median: median(ratios),
    min: Math.min(...ratios),
    max: Math.max(...ratios),
    ours: shown(ours),
    yardstick: shown(theirs),
    ...counts,
  };
}

/** Records that are missing from and doubled in RAW, against what was produced. */
export async function rawCounts(line, produced) {
  return await lineageCounts(line, `raw.${line.name}`, produced);
}

/** The same of any table with lineage. A group for 64 neighbouring offsets and a bit for each: a group per row would not fit. */
export async function lineageCounts(line, table, produced) {
  const rows = await line.number(`SELECT count(*) FROM ${table}`);
  const groups =
    "SELECT bitwise_or_agg(bitwise_left_shift(BIGINT '1', CAST(kafka_offset % 64 AS integer))) AS bits " +
    `FROM ${table} GROUP BY kafka_partition, kafka_offset / 64`;
  const distinct = await line.number(`SELECT coalesce(sum(bit_count(bits, 64)), 0) FROM (${groups})`);
  return { lost: produced - distinct, doubled: rows - distinct };
}
