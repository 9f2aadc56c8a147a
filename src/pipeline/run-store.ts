import type { Redis } from 'ioredis';
import { EltError } from '../commons/errors.js';
import { isFinal, isSettled, type Run, type RunState, type Stage } from './run.js';
import { entriesOf, type Finding, type RunLogEntry } from './run-log.js';
import { isRecordRefused, parseRun } from './run-record.js';
import { createScript, importScript, saveScript, submitScript } from './run-store-scripts.js';

/** A run and the version of it that was read. */
export interface StoredRun {
  readonly run: Run;
  readonly version: number;
  /** The Redis process that was there when it was written last. */
  readonly serverId: string;
}

export type CreateRun =
  | { readonly isCreated: true; readonly run: Run }
  /** Another run of this stage and pipeline is active. */
  | { readonly isCreated: false; readonly active: Run };

const finalStates: readonly RunState[] = ['succeeded', 'failed', 'stopped', 'fenced', 'lost'];

/**
 * Runs in Redis. Keys under `PREFIX:`: `run:ID` (hash: version, json), `log:ID` (what happened to it), `runs` (ids by time), `open` (ids that are not settled),
 * `active:STAGE:PIPELINE` (the one active run), `ended:STAGE:PIPELINE` (the one before it), `submitting:STAGE` (the one run that is about to submit).
 */
export class RunStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #now: () => Date;
  readonly #mostRuns: number;

  /** `mostRuns`: old runs are forgotten beyond this many. */
  constructor(redis: Redis, prefix: string, now: () => Date = () => new Date(), mostRuns = 1_000) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#now = now;
    this.#mostRuns = mostRuns;
  }

  /** Makes the run the active one of its stage and pipeline, unless another one is. */
  async create(run: Run, finding?: Finding): Promise<CreateRun> {
    const entries = this.#entries(null, run, finding);
    for (;;) {
      const active = (await this.#redis.eval(
        createScript,
        5,
        this.#key('run', run.runId),
        this.#key('runs'),
        this.#key('open'),
        this.#key('active', run.stage, run.pipeline),
        this.#key('log', run.runId),
        run.runId,
        JSON.stringify(run),
        Date.parse(run.requestedAt),
        `${this.#prefix}:run:`,
        `,${finalStates.join(',')},`,
        entries,
      )) as string | null;
      // Its own id: the reply to this very request was lost, and ioredis sent it again.
      if (active === null || active === run.runId) {
        await this.#forgetOldest();
        return { isCreated: true, run };
      }
      const other = await this.get(active);
      if (other !== null) return { isCreated: false, active: other.run };
    }
  }

  async get(runId: string): Promise<StoredRun | null> {
    const [version, json, serverId] = await this.#redis.hmget(this.#key('run', runId), 'version', 'json', 'server');
    if (version == null || json == null) return null;
    return { run: parseRun(runId, json), version: Number(version), serverId: serverId ?? '' };
  }

  /** The active run of a stage and pipeline. */
  async active(stage: Stage, pipeline: string): Promise<Run | null> {
    const runId = await this.#redis.get(this.#key('active', stage, pipeline));
    const stored = runId === null ? null : await this.get(runId);
    return stored === null || isFinal(stored.run.state) ? null : stored.run;
  }

  /** The last run of a stage and pipeline that is over; it is not forgotten, however many runs of others there were since. */
  async lastEnded(stage: Stage, pipeline: string): Promise<Run | null> {
    const runId = await this.#redis.get(this.#key('ended', stage, pipeline));
    return runId === null ? null : ((await this.#getOrRefuse(runId))?.run ?? null);
  }

  /** The newest runs first: so many, and whatever is older and not settled. A follow run may be as old as its pipeline. */
  async list(limit: number): Promise<readonly Run[]> {
    const newest = await this.#redis.zrevrange(this.#key('runs'), 0, limit - 1);
    const older = (await this.open()).filter((id) => !newest.includes(id));
    const ids = [...newest, ...older.toSorted().toReversed()];
    const runs = await Promise.all(ids.map((id) => this.#getOrRefuse(id)));
    return runs.filter((stored) => stored !== null).map(({ run }) => run);
  }

  /** Ids of the runs that are not settled. */
  async open(): Promise<readonly string[]> {
    return await this.#redis.smembers(this.#key('open'));
  }

  /** Writes a run that was found alive without a record; `isActive`: as the one of its stage and pipeline, whatever stood there. */
  async import(run: Run, isActive: boolean, finding: Finding): Promise<boolean> {
    const added = await this.#redis.eval(
      importScript,
      5,
      this.#key('run', run.runId),
      this.#key('runs'),
      this.#key('open'),
      this.#key('active', run.stage, run.pipeline),
      this.#key('log', run.runId),
      run.runId,
      JSON.stringify(run),
      Date.parse(run.requestedAt),
      this.#entries(null, run, finding),
      isActive ? '1' : '0',
    );
    return added === 1;
  }

  /** Makes a stored run the active one of its stage and pipeline, whatever stood there. */
  async makeActive({ stage, pipeline, runId }: Run): Promise<void> {
    await this.#redis.set(this.#key('active', stage, pipeline), runId);
  }

  /** What happened to a run, the oldest first: its first entry and the newest ones of a long run. */
  async log(runId: string): Promise<readonly RunLogEntry[]> {
    const entries = await this.#redis.lrange(this.#key('log', runId), 0, -1);
    return entries.map((entry) => JSON.parse(entry) as RunLogEntry);
  }

  /**
   * Writes what changed; null when somebody else wrote since the run was read: then read it again and think again. The last write before
   * a create request is refused while Redis was not reconciled with Spark, and for a run that is not the active one.
   * @throws EltError `runs-unclear`
   */
  async save(
    { run, version, serverId }: StoredRun,
    changes: Partial<Run>,
    finding?: Finding,
    isLastBeforeCreate = false,
  ): Promise<StoredRun | null> {
    const changed: Run = { ...run, ...changes };
    const next = (await this.#redis.eval(
      saveScript,
      7,
      this.#key('run', run.runId),
      this.#key('open'),
      this.#key('active', run.stage, run.pipeline),
      this.#key('submitting', run.stage),
      this.#key('log', run.runId),
      this.#key('server'),
      this.#key('ended', run.stage, run.pipeline),
      version,
      JSON.stringify(changed),
      run.runId,
      isFinal(changed.state) ? '1' : '0',
      isSettled(changed) ? '1' : '0',
      changed.state === 'submitting' ? '1' : '0',
      this.#entries(run, changed, finding),
      isLastBeforeCreate ? '1' : '0',
    )) as number;
    if (next < 0) throw runsUnclear();
    return next === 0 ? null : { run: changed, version: next, serverId };
  }

  /** Changes a run whatever others write meanwhile: `change` is asked again with the newest state; null from it changes nothing. */
  async change(
    runId: string,
    change: (run: Run) => Partial<Run> | null,
    finding?: Finding,
    isLastBeforeCreate = false,
  ): Promise<StoredRun | null> {
    for (;;) {
      const stored = await this.get(runId);
      if (stored === null) return null;
      const changes = change(stored.run);
      if (changes === null) return stored;
      const saved = await this.save(stored, changes, finding, isLastBeforeCreate);
      if (saved !== null) return saved;
    }
  }

  /** Whether this run may submit now: one submission of a stage at a time. It ends when the run leaves `submitting`. */
  async maySubmit(run: Run): Promise<boolean> {
    const key = this.#key('submitting', run.stage);
    return (await this.#redis.eval(submitScript, 1, key, run.runId, `${this.#prefix}:run:`)) === 1;
  }

  /** Takes a record that is no run out of the way, and keeps it for whoever wants to look at it: key `refused:ID`, for a week. False: somebody else did. */
  async setAside(runId: string): Promise<boolean> {
    const refused = this.#key('refused', runId);
    const answers = await this.#redis
      .multi()
      .srem(this.#key('open'), runId)
      .zrem(this.#key('runs'), runId)
      .copy(this.#key('run', runId), refused, 'REPLACE')
      .expire(refused, 7 * 86_400)
      .del(this.#key('run', runId))
      .exec();
    return answers?.at(-1)?.[1] === 1;
  }

  /** A record that is no run: a worker will set it aside. */
  async #getOrRefuse(runId: string): Promise<StoredRun | null> {
    try {
      return await this.get(runId);
    } catch (error) {
      if (isRecordRefused(error)) return null;
      throw error;
    }
  }

  async #forgetOldest(): Promise<void> {
    const oldest = await this.#redis.zrange(this.#key('runs'), 0, `-${this.#mostRuns + 1}`);
    for (const runId of oldest) {
      const stored = await this.#getOrRefuse(runId);
      if (stored !== null && (!isSettled(stored.run) || (await this.#isLastEnded(stored.run)))) continue;
      await this.#redis
        .multi()
        .del(this.#key('run', runId), this.#key('log', runId))
        .zrem(this.#key('runs'), runId)
        .exec();
    }
  }

  async #isLastEnded({ stage, pipeline, runId }: Run): Promise<boolean> {
    return (await this.#redis.get(this.#key('ended', stage, pipeline))) === runId;
  }

  /** As the scripts want them: a JSON list of JSON texts. */
  #entries(before: Run | null, after: Run, finding: Finding | undefined): string {
    const entries = entriesOf(before, after, this.#now().toISOString(), finding);
    return JSON.stringify(entries.map((entry) => JSON.stringify(entry)));
  }

  #key(...parts: readonly string[]): string {
    return [this.#prefix, ...parts].join(':');
  }
}

function runsUnclear(): EltError {
  const message =
    'Redis was started anew, emptied or restored; no driver is submitted before Spark was asked what runs.';
  return new EltError('runs-unclear', message, { kind: 'external' });
}
