import type { Redis } from 'ioredis';
import { isFinal, isSettled, type Run, type RunState, type Stage } from './run.js';
import { createScript, saveScript } from './run-store-scripts.js';

/** A run and the version of it that was read. */
export interface StoredRun {
  readonly run: Run;
  readonly version: number;
}

export type CreateRun =
  | { readonly isCreated: true; readonly run: Run }
  /** Another run of this stage and pipeline is active. */
  | { readonly isCreated: false; readonly active: Run };

/** Old runs are forgotten beyond this many. */
const mostRuns = 1_000;
const finalStates: readonly RunState[] = ['succeeded', 'failed', 'stopped', 'fenced', 'lost'];

/**
 * Runs in Redis. Keys under `PREFIX:`: `run:ID` (hash: version, json), `runs` (ids by time), `open` (ids that are not settled),
 * `active:STAGE:PIPELINE` (the one active run), `submitting:STAGE` (the one run that is about to submit).
 */
export class RunStore {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** Makes the run the active one of its stage and pipeline, unless another one is. */
  async create(run: Run): Promise<CreateRun> {
    for (;;) {
      const active = (await this.#redis.eval(
        createScript,
        4,
        this.#key('run', run.runId),
        this.#key('runs'),
        this.#key('open'),
        this.#key('active', run.stage, run.pipeline),
        run.runId,
        JSON.stringify(run),
        Date.parse(run.requestedAt),
        `${this.#prefix}:run:`,
        `,${finalStates.join(',')},`,
      )) as string | null;
      if (active === null) {
        await this.#forgetOldest();
        return { isCreated: true, run };
      }
      const other = await this.get(active);
      if (other !== null) return { isCreated: false, active: other.run };
    }
  }

  async get(runId: string): Promise<StoredRun | null> {
    const [version, json] = await this.#redis.hmget(this.#key('run', runId), 'version', 'json');
    return parse(version, json);
  }

  /** The active run of a stage and pipeline. */
  async active(stage: Stage, pipeline: string): Promise<Run | null> {
    const runId = await this.#redis.get(this.#key('active', stage, pipeline));
    const stored = runId === null ? null : await this.get(runId);
    return stored === null || isFinal(stored.run.state) ? null : stored.run;
  }

  /** The newest runs first. */
  async list(limit: number): Promise<readonly Run[]> {
    const ids = await this.#redis.zrevrange(this.#key('runs'), 0, limit - 1);
    const runs = await Promise.all(ids.map((id) => this.get(id)));
    return runs.filter((stored) => stored !== null).map(({ run }) => run);
  }

  /** Ids of the runs that are not settled. */
  async open(): Promise<readonly string[]> {
    return await this.#redis.smembers(this.#key('open'));
  }

  /** Writes what changed; null when somebody else wrote since the run was read: then read it again and think again. */
  async save({ run, version }: StoredRun, changes: Partial<Run>): Promise<StoredRun | null> {
    const changed: Run = { ...run, ...changes };
    const next = (await this.#redis.eval(
      saveScript,
      4,
      this.#key('run', run.runId),
      this.#key('open'),
      this.#key('active', run.stage, run.pipeline),
      this.#key('submitting', run.stage),
      version,
      JSON.stringify(changed),
      run.runId,
      isFinal(changed.state) ? '1' : '0',
      isSettled(changed) ? '1' : '0',
      changed.state === 'submitting' ? '1' : '0',
    )) as number;
    return next === 0 ? null : { run: changed, version: next };
  }

  /** Changes a run whatever others write meanwhile: `change` is asked again with the newest state; null from it changes nothing. */
  async change(runId: string, change: (run: Run) => Partial<Run> | null): Promise<StoredRun | null> {
    for (;;) {
      const stored = await this.get(runId);
      if (stored === null) return null;
      const changes = change(stored.run);
      if (changes === null) return stored;
      const saved = await this.save(stored, changes);
      if (saved !== null) return saved;
    }
  }

  /** Whether this run may submit now: one submission of a stage at a time. It ends when the run leaves `submitting`. */
  async maySubmit(run: Run): Promise<boolean> {
    const key = this.#key('submitting', run.stage);
    if ((await this.#redis.set(key, run.runId, 'NX')) === 'OK') return true;
    const holder = await this.#redis.get(key);
    if (holder === run.runId) return true;
    if (holder === null) return false;
    const other = await this.get(holder);
    if (other?.run.state === 'submitting') return false;
    await this.#redis.del(key);
    return false;
  }

  async #forgetOldest(): Promise<void> {
    const oldest = await this.#redis.zrange(this.#key('runs'), 0, `-${mostRuns + 1}`);
    for (const runId of oldest) {
      const stored = await this.get(runId);
      if (stored !== null && !isSettled(stored.run)) continue;
      await this.#redis.multi().del(this.#key('run', runId)).zrem(this.#key('runs'), runId).exec();
    }
  }

  #key(...parts: readonly string[]): string {
    return [this.#prefix, ...parts].join(':');
  }
}

function parse(version: string | null | undefined, json: string | null | undefined): StoredRun | null {
  return version == null || json == null ? null : { run: JSON.parse(json) as Run, version: Number(version) };
}
