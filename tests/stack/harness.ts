/**
 * The whole line for tests: commands run as a user's would, on the stack that `ELT_STACK_DIR` names. Each `Line` has a topic,
 * tables, a Redis prefix and a folder of its own, so that tests do not see each other.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ExecaError, execa, execaSync, type Result, type ResultPromise } from 'execa';
import { Kafka, logLevel, type RecordMetadata } from 'kafkajs';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/commons/config.js';
import { openTrino, type TrinoClient } from '../../src/trino/client.js';

export const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'dist/bin/elt.js');

/** A record to produce, or one that was acknowledged. */
export interface TestRecord {
  readonly partition?: number;
  readonly key?: Buffer | null;
  readonly value: Buffer | string | null;
  readonly timestamp?: string;
  readonly headers?: Record<string, Buffer | string>;
}

export interface LineOptions {
  readonly partitions?: number;
  readonly extract?: Record<string, unknown>;
  readonly transform?: Record<string, unknown>;
  readonly maintain?: Record<string, unknown>;
  /** The `spark` section of elt.yaml. */
  readonly spark?: Record<string, unknown>;
  readonly topicConfig?: Record<string, string>;
  /** `ELT_*` variables of every command, such as addresses of proxies. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The folder of the stack under test; fails when the tests run without one. */
export function stackDir(): string {
  const dir = process.env['ELT_STACK_DIR'];
  if (dir === undefined)
    throw new Error('ELT_STACK_DIR is not set: run these tests with npm test, or point it at a running stack');
  return dir;
}

/** Repeatable randomness: `ELT_SEED` or the clock, printed. */
export function seededRandom(name: string): () => number {
  const seed = Number(process.env['ELT_SEED'] ?? Date.now() % 1_000_000_007);
  process.stderr.write(`${name}: ELT_SEED=${seed}\n`);
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** For executors that read some thousand rows, compiling for the long run takes most of their time. */
const smallRuns = { 'spark.executor.extraJavaOptions': '-XX:TieredStopAtLevel=1' };

export class Line {
  readonly topic: string;
  readonly raw: string;
  readonly silver: string;
  readonly rejects: string;
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly kafka: Kafka;
  readonly trino: TrinoClient;
  #worker: ResultPromise | undefined;

  private constructor(name: string, options: LineOptions) {
    const id = `${name}_${Date.now().toString(36)}`;
    this.topic = id;
    this.raw = `raw.${id}`;
    this.silver = `silver.${id}`;
    this.rejects = `silver.${id}_rejects`;
    this.dir = mkdtempSync(join(tmpdir(), `elt-line-${name}-`));
    mkdirSync(join(this.dir, 'pipelines'));
    writeFileSync(join(this.dir, 'pipelines/numbers.sql'), readFileSync(join(root, 'pipelines/numbers.sql')));
    this.configure(id, options);
    const own = { ELT_STACK_DIR: stackDir(), ELT_REDIS_PREFIX: id, NO_COLOR: '1', CI: 'true' };
    this.env = { ...process.env, ...own, ...options.env };
    const config = loadConfig({ env: this.env, cwd: this.dir, flags: {} });
    this.kafka = new Kafka({ brokers: config.kafka.bootstrapServers.split(','), logLevel: logLevel.NOTHING });
    this.trino = openTrino(config.trino);
  }

  /** A line whose topic exists. */
  static async open(name: string, options: LineOptions = {}): Promise<Line> {
    const line = new Line(name, options);
    await line.createTopic(options.partitions ?? 3, options.topicConfig);
    return line;
  }

  /** Writes the line's elt.yaml anew. */
  configure(id: string, options: LineOptions): void {
    const pipeline = {
      extract: { topic: id, table: this.raw, mode: 'drain', commitInterval: '2s', ...options.extract },
      transform: { table: this.silver, sql: 'pipelines/numbers.sql', mode: 'drain', ...options.transform },
      ...(options.maintain === undefined ? {} : { maintain: options.maintain }),
    };
    const spark = { ...options.spark, properties: { ...smallRuns, ...(options.spark?.['properties'] as object) } };
    writeFileSync(join(this.dir, 'elt.yaml'), stringify({ spark, pipelines: { [id]: pipeline } }));
  }

  /** Replaces the pipeline's SQL. */
  writeSql(sql: string): void {
    writeFileSync(join(this.dir, 'pipelines/numbers.sql'), sql);
  }

  async createTopic(partitions: number, config: Record<string, string> = {}): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
      await admin.createTopics({
        waitForLeaders: true,
        topics: [{ topic: this.topic, numPartitions: partitions, configEntries }],
      });
    } finally {
      await admin.disconnect();
    }
  }

  /** One more partition: its number. */
  async addPartition(): Promise<number> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [this.topic] });
      const count = topics[0]?.partitions.length ?? 0;
      await admin.createPartitions({ topicPartitions: [{ topic: this.topic, count: count + 1 }] });
      return count;
    } finally {
      await admin.disconnect();
    }
  }

  async deleteTopic(): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      await admin.deleteTopics({ topics: [this.topic] });
    } finally {
      await admin.disconnect();
    }
  }

  /** Produces with acks=all and returns what the broker acknowledged. */
  async produce(records: readonly TestRecord[]): Promise<RecordMetadata[]> {
    const producer = this.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    try {
      const acknowledged: RecordMetadata[] = [];
      for (let from = 0; from < records.length; from += 5_000) {
        const messages = records.slice(from, from + 5_000).map((record) => ({ key: null, ...record }));
        acknowledged.push(...(await producer.send({ topic: this.topic, acks: -1, messages })));
      }
      return acknowledged;
    } finally {
      await producer.disconnect();
    }
  }

  /** Runs `elt …` to its end; never throws for an exit code. */
  async elt(
    args: readonly string[],
    options: { timeoutMs?: number; env?: NodeJS.ProcessEnv } = {},
  ): Promise<Result | ExecaError> {
    return await execa(process.execPath, [program, ...args], {
      cwd: this.dir,
      env: { ...this.env, ...options.env },
      extendEnv: false,
      reject: false,
      timeout: options.timeoutMs ?? 150_000,
    });
  }

  /** Starts `elt …` and returns the running process. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    return execa(process.execPath, [program, ...args], {
      cwd: this.dir,
      env: { ...this.env, ...env },
      extendEnv: false,
      reject: false,
    });
  }

  /** Starts an `elt worker` for this line's queues; detached runs need one. `close` ends it. */
  startWorker(): void {
    this.#worker = this.start(['worker']);
  }

  /** `elt run STAGE … -o json`: the parsed report with the exit code. */
  async run(stage: 'extract' | 'transform', ...flags: string[]) {
    const result = await this.elt(['run', stage, ...flags, '-o', 'json']);
    try {
      return { exitCode: result.exitCode, stderr: String(result.stderr), report: JSON.parse(String(result.stdout)) };
    } catch {
      throw new Error(
        `elt run ${stage} printed no JSON (exit ${result.exitCode}):\n${result.stdout}\n${result.stderr}`,
      );
    }
  }

  /** One number from Trino. */
  async count(sql: string): Promise<number> {
    const rows = await this.trino.query(`SELECT CAST((${sql}) AS varchar) AS n`);
    return Number(rows[0]?.['n']);
  }

  /** Rows in RAW; 0 while the table does not exist. */
  async rawRows(): Promise<number> {
    return await this.count(`SELECT count(*) FROM ${this.raw}`).catch(() => 0);
  }

  /** Times (ms since 1970) of the commits that brought rows to a table, oldest first; none while the table does not exist. */
  async commitsOf(table: string): Promise<number[]> {
    const rows = await this.trino
      .query(
        `SELECT CAST(to_unixtime(committed_at) * 1000 AS bigint) AS at FROM ${metadataTable(table, 'snapshots')}
         WHERE CAST(element_at(summary, 'elt.rows') AS bigint) > 0 ORDER BY committed_at`,
      )
      .catch(() => []);
    return rows.map((row) => Number(row['at']));
  }

  /** Stages with a run that is not over; all when nobody can tell. */
  async #activeStages(): Promise<readonly string[]> {
    const final = ['succeeded', 'failed', 'stopped', 'fenced', 'lost'];
    try {
      const status = await this.elt(['status', '-o', 'json'], { timeoutMs: 30_000 });
      const { runs } = JSON.parse(String(status.stdout)) as { runs: { stage: string; state: string }[] };
      return [...new Set(runs.filter(({ state }) => !final.includes(state)).map(({ stage }) => stage))];
    } catch {
      return ['extract', 'transform', 'maintain'];
    }
  }

  /** Stops whatever still runs, drops the tables and the topic, removes the folder. */
  async close(): Promise<void> {
    for (const stage of await this.#activeStages()) await this.elt(['stop', stage], { timeoutMs: 90_000 });
    this.#worker?.kill('SIGTERM');
    await this.#worker;
    for (const table of [this.rejects, this.silver, this.raw]) {
      await this.trino.query(`DROP TABLE IF EXISTS ${table}`).catch(() => undefined);
    }
    await this.trino.close();
    await this.deleteTopic().catch(() => undefined);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Where the metastore of the stack under test listens. */
export function metastoreAddress(): { host: string; port: number } {
  const { metastore } = JSON.parse(readFileSync(join(stackDir(), 'stack.json'), 'utf8')).config.catalog;
  const { hostname, port } = new URL(metastore.replace('thrift', 'http'));
  return { host: hostname, port: Number(port) };
}

/** `raw.x` and `snapshots` → `raw."x$snapshots"`. */
export function metadataTable(table: string, metadata: string): string {
  const [schema, name] = table.split('.');
  return `${schema}."${name}$${metadata}"`;
}

/** Waits until a condition holds; fails with its name when it does not within the limit. */
export async function until(what: string, condition: () => Promise<boolean>, limitMs = 90_000): Promise<void> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Not within ${limitMs / 1000} s: ${what}`);
}

/** The pid of the line's driver, once it runs. Only processes whose arguments name this line's topic are looked at. */
export async function driverOf(line: Line, limitMs = 60_000): Promise<number> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; ) {
    const pid = findDriver(line);
    if (pid !== undefined) return pid;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`No driver of ${line.topic} within ${limitMs / 1000} s`);
}

function findDriver(line: Line): number | undefined {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const args = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      const isDriver = args.some((arg) => arg.includes('DriverWrapper'));
      if (isDriver && args.some((arg) => arg.includes(`"${line.topic}"`))) return Number(entry);
    } catch {
      // The process ended while we looked.
    }
  }
  return undefined;
}

/** What runs in the stack under test. */
export function stackServices(): { name: string; pid: number }[] {
  const result = execaSync(process.execPath, [program, 'stack', 'status', '-o', 'json'], {
    env: { ELT_STACK_DIR: stackDir() },
    reject: false,
  });
  const { services } = JSON.parse(result.stdout) as { services: { name: string; pid: number | null }[] };
  return services.flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }]));
}

/** SIGKILLs one engine of the stack under test. */
export async function killService(name: string): Promise<void> {
  const service = stackServices().find((candidate) => candidate.name === name);
  if (service === undefined) throw new Error(`${name} does not run`);
  process.kill(service.pid, 'SIGKILL');
}

/** `elt stack up` again: starts what died. */
export async function repairStack(): Promise<void> {
  const portOffset = JSON.parse(readFileSync(join(stackDir(), 'stack.json'), 'utf8')).portOffset;
  await execa(process.execPath, [program, 'stack', 'up', '--port-offset', String(portOffset)], {
    env: { ELT_STACK_DIR: stackDir() },
  });
}
