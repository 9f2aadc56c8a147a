/** A pipeline of the drill's own: topic, tables, Redis prefix and folder, and `elt` as a user would call it. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { stringify } from 'yaml';
import { type Config, loadConfig } from '../commons/config.js';
import { EltError } from '../commons/errors.js';
import type { ReleaseStack } from '../commons/lifecycle.js';
import { withAdmin } from '../kafka/connection.js';
import { createTopic } from '../kafka/create-topic.js';
import { connectRedis } from '../pipeline/redis.js';
import type { RunReport } from '../pipeline/run.js';
import { type Environment, packageRoot } from '../stack/layout.js';
import { openTrino, type TrinoClient } from '../trino/client.js';
import type { CountedTables } from './count.js';

const program = join(packageRoot, 'dist', 'bin', 'elt.js');

/** How often each stage commits while it has something to commit. */
export const commitIntervalMs = 2_000;
export const partitions = 3;

export const drilledStages = ['extract', 'transform'] as const;
export type DrilledStage = (typeof drilledStages)[number];

export class DrillLine {
  readonly name: string;
  readonly tables: CountedTables;
  readonly config: Config;
  readonly trino: TrinoClient;
  readonly #dir: string;
  readonly #env: Environment;
  #worker: ResultPromise | undefined;

  private constructor(name: string, dir: string, env: Environment) {
    this.name = name;
    this.tables = { raw: `raw.${name}`, silver: `silver.${name}`, rejects: `silver.${name}_rejects` };
    this.#dir = dir;
    this.#env = env;
    this.config = loadConfig({ env, cwd: dir });
    this.trino = openTrino(this.config.trino);
  }

  /** Creates the topic and the folder; `releases` takes everything away again. */
  static async open(caller: Environment, releases: ReleaseStack): Promise<DrillLine> {
    const name = `drill_${Date.now().toString(36)}`;
    const dir = releases.push('the folder', await mkdtemp(join(tmpdir(), 'elt-drill-')), (path) =>
      rm(path, { recursive: true, force: true }),
    );
    await mkdir(join(dir, 'pipelines'));
    await writeFile(
      join(dir, 'pipelines/numbers.sql'),
      await readFile(join(packageRoot, 'pipelines/numbers.sql'), 'utf8'),
    );
    await writeFile(join(dir, 'elt.yaml'), stringify(declaration(name)));
    const env = { ...caller, ELT_CONFIG: undefined, ELT_REDIS_PREFIX: name, NO_COLOR: '1', CI: 'true' };
    const line = new DrillLine(name, dir, env);
    releases.push('Trino', line.trino, (trino) => trino.close());
    releases.push('the topic', name, () => line.#deleteTopic());
    await createTopic(line.config.kafka, name, { partitions });
    releases.push('the tables', line, () => line.#dropTables());
    releases.push('the Redis keys', line, () => line.flush());
    releases.push('the worker', line, () => line.stopWorker());
    return line;
  }

  /** Runs `elt …` to its end. `prefix` makes it another control plane, which knows nothing of this one. */
  async elt(
    args: readonly string[],
    { prefix = '', timeoutMs = 120_000, signal = undefined as AbortSignal | undefined } = {},
  ) {
    const result = await execa(process.execPath, [program, ...args], {
      ...this.#options(prefix),
      timeout: timeoutMs,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    signal?.throwIfAborted();
    return { exitCode: result.exitCode ?? 124, stdout: String(result.stdout), stderr: String(result.stderr) };
  }

  /** Starts a follow run; returns when its driver is submitted. */
  async follow(stage: DrilledStage, signal: AbortSignal): Promise<void> {
    const { exitCode, stderr } = await this.elt(['run', stage, '--follow', '--detach'], { signal });
    if (exitCode === 0) return;
    throw new EltError('drill-run-failed', `elt run ${stage} --follow ended with exit code ${exitCode}:\n${stderr}`, {
      kind: 'external',
    });
  }

  /** Every run that the control plane knows, newest first; null while it cannot be asked. */
  async runs(signal: AbortSignal): Promise<readonly RunReport[] | null> {
    const { exitCode, stdout } = await this.elt(['status', '-o', 'json'], { timeoutMs: 20_000, signal });
    return exitCode === 0 ? (JSON.parse(stdout) as { runs: RunReport[] }).runs : null;
  }

  startWorker(): void {
    this.#worker = execa(process.execPath, [program, 'worker'], { ...this.#options(''), stdio: 'ignore' });
  }

  async stopWorker(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#worker?.kill(signal);
    await this.#worker;
    this.#worker = undefined;
  }

  /** Ends both runs; `elt stop` needs no worker. */
  async stopRuns(): Promise<void> {
    await Promise.all(drilledStages.map((stage) => this.elt(['stop', stage], { timeoutMs: 100_000 })));
  }

  /** Takes every key of the drill out of Redis, as a Redis that lost its data; what others keep there stays. */
  async flush(): Promise<void> {
    const redis = await connectRedis(this.config.redis.url);
    try {
      for await (const keys of redis.scanStream({ match: `${this.name}*`, count: 1_000 })) {
        if (keys.length > 0) await redis.del(...(keys as string[]));
      }
    } finally {
      redis.disconnect();
    }
  }

  async #dropTables(): Promise<void> {
    for (const table of [this.tables.rejects, this.tables.silver, this.tables.raw]) {
      await this.trino.query(`DROP TABLE IF EXISTS ${table}`);
    }
  }

  async #deleteTopic(): Promise<void> {
    await withAdmin(this.config.kafka, async (admin) => await admin.deleteTopics({ topics: [this.name] }));
  }

  #options(prefix: string) {
    const env = { ...this.#env, ELT_REDIS_PREFIX: `${this.name}${prefix}` };
    return { cwd: this.#dir, env, extendEnv: false, reject: false } as const;
  }
}

/** Small drivers and executors: a third one must find room beside those of both stages. */
function declaration(name: string) {
  const commitInterval = `${commitIntervalMs / 1_000}s`;
  return {
    spark: { executor: { cores: 1, memory: '1GiB' }, coresMax: 1 },
    pipelines: {
      [name]: {
        extract: { topic: name, table: `raw.${name}`, mode: 'follow', commitInterval },
        transform: { table: `silver.${name}`, sql: 'pipelines/numbers.sql', mode: 'follow', commitInterval },
      },
    },
  };
}
