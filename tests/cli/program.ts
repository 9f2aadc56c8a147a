/** The built program in a small world of its own: a folder with an elt.yaml, a real Redis, a hand-written Spark master, no Trino, no Kafka. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { openQueue, workersOf } from '../../src/pipeline/queue.js';
import type { Run, Stage } from '../../src/pipeline/run.js';
import { RunStore } from '../../src/pipeline/run-store.js';
import { FakeMaster } from '../spark/fake-master.js';

const root = resolve(import.meta.dirname, '../..');
export const program = join(root, 'dist/bin/elt.js');

/** @throws when the program is not built from what is in src now */
export function requireBuild(): void {
  const newest = Math.max(
    ...readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
  const builtMs = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (builtMs < newest) throw new Error('dist is older than src: npm run build');
}

const nobody = 'http://127.0.0.1:1';

export class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'elt-cli-'));
  readonly master: FakeMaster;
  readonly env: Record<string, string>;
  readonly store: RunStore;
  readonly redis: Redis;
  readonly #children = new Set<ReturnType<typeof execa>>();

  private constructor(master: FakeMaster, redisUrl: string, prefix: string) {
    this.master = master;
    this.redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
    this.redis.on('error', () => undefined);
    this.store = new RunStore(this.redis, prefix);
    this.env = {
      PATH: process.env.PATH ?? '',
      HOME: this.folder,
      NO_COLOR: '1',
      ELT_STACK_DIR: join(this.folder, 'stack'),
      ELT_REDIS_URL: redisUrl,
      ELT_REDIS_PREFIX: prefix,
      ELT_SPARK_REST: master.addresses.rest.join(),
      ELT_SPARK_UI: master.addresses.ui.join(),
      ELT_SPARK_MASTERS: 'spark://127.0.0.1:1',
      ELT_TRINO_URL: nobody,
      ELT_KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    };
    mkdirSync(join(this.folder, 'pipelines'));
    writeFileSync(join(this.folder, 'pipelines/numbers.sql'), 'SELECT 1 AS number FROM raw\n');
    this.declare({
      numbers: {
        extract: { topic: 'numbers', table: 'raw.numbers' },
        transform: { table: 'silver.numbers', sql: 'pipelines/numbers.sql', mode: 'follow' },
      },
    });
  }

  static async open(redisUrl: string, prefix: string): Promise<Installation> {
    return new Installation(await FakeMaster.start(), redisUrl, prefix);
  }

  declare(pipelines: object): void {
    writeFileSync(join(this.folder, 'elt.yaml'), stringify({ pipelines }));
  }

  start(args: readonly string[], env: Record<string, string> = {}, timeoutMs = 180_000, cwd = this.folder) {
    const child = execa(process.execPath, [program, ...args], {
      cwd,
      env: { ...this.env, ...env },
      extendEnv: false,
      reject: false,
      timeout: timeoutMs,
    });
    this.#children.add(child as never);
    void child.finally(() => this.#children.delete(child as never));
    return child;
  }

  async elt(args: readonly string[], env: Record<string, string> = {}, timeoutMs = 180_000, cwd = this.folder) {
    const { exitCode, stdout, stderr } = await this.start(args, env, timeoutMs, cwd);
    return { exitCode, stdout: String(stdout), stderr: String(stderr) };
  }

  /** How many workers serve a stage's queue. */
  async workers(stage: Stage): Promise<number> {
    const { url, prefix } = {
      url: this.env['ELT_REDIS_URL'] as string,
      prefix: this.env['ELT_REDIS_PREFIX'] as string,
    };
    const queue = openQueue(stage, { url, prefix }, () => undefined);
    try {
      return await workersOf(queue);
    } finally {
      await queue.close();
    }
  }

  async runs(): Promise<readonly Run[]> {
    return await this.store.list(10);
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.allSettled(this.#children);
    this.redis.disconnect();
    await this.master.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits for a condition that will come; fails with its name when it does not. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 30_000,
): Promise<T> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; ) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((wake) => setTimeout(wake, 25));
  }
  throw new Error(`not within ${limitMs / 1000} s: ${what}`);
}
