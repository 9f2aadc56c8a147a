/** Runs, a real Redis and a hand-written Spark master: the control plane without engines. */
import { Redis } from 'ioredis';
import { createLogger } from '../../src/commons/logger.js';
import { noMetrics } from '../../src/commons/metrics.js';
import { Continuity } from '../../src/pipeline/continuity.js';
import { executeRun } from '../../src/pipeline/execute-run.js';
import { reconciler } from '../../src/pipeline/reconcile.js';
import type { Run, Verified } from '../../src/pipeline/run.js';
import { newRunId } from '../../src/pipeline/run-id.js';
import type { RunServices } from '../../src/pipeline/run-services.js';
import { RunStore } from '../../src/pipeline/run-store.js';
import { ScheduleStore } from '../../src/pipeline/schedule-store.js';
import type { StageDefinition, TableFacts } from '../../src/pipeline/stage.js';
import type { TableCommit } from '../../src/pipeline/table-commit.js';
import { restSubmitter } from '../../src/spark/spark-rest.js';
import type { Submitter } from '../../src/spark/submitter.js';
import { type FakeDriver, FakeMaster } from '../spark/fake-master.js';
import { specNamed } from '../spark/submitter-contract.js';
import { aRun } from './runs.js';

const topicId = 'T';

/** A stage whose table says what the test wants. */
export class TestStage implements StageDefinition {
  position: readonly { topicId: string; offsets: Record<string, string>; closed: boolean }[] | null = null;
  facts: TableFacts | Error = { claims: [], released: null, commits: [] };
  verified: Verified | Error = true;
  asked = 0;

  async caughtUp() {
    return this.position;
  }

  async verify() {
    if (this.verified instanceof Error) throw this.verified;
    return { verified: this.verified, reason: this.verified === true ? null : 'because' };
  }

  async tableFacts() {
    this.asked++;
    if (this.facts instanceof Error) throw this.facts;
    return this.facts;
  }
}

export class World {
  readonly redis: Redis;
  readonly store: RunStore;
  readonly schedules: ScheduleStore;
  readonly master: FakeMaster;
  readonly stage = new TestStage();
  readonly services: RunServices;
  /** Added to the clock: time passes as fast as the test wants. */
  aheadMs = 0;
  submitter: Submitter;
  plan: RunServices['plan'] = (stage, pipeline) => aRun(newRunId(this.services.now()), { stage, pipeline });

  refusal: RunServices['refusal'] = () => null;

  private constructor(redis: Redis, master: FakeMaster, prefix: string) {
    this.redis = redis;
    this.store = new RunStore(redis, prefix, () => this.services.now());
    this.schedules = new ScheduleStore(redis, prefix);
    this.master = master;
    this.submitter = restSubmitter(master.addresses);
    const now = () => new Date(Date.now() + this.aheadMs);
    const logger = createLogger({ level: 'silent', stderr: process.stderr, isForPeople: true });
    this.services = {
      store: this.store,
      reconcile: reconciler({
        store: this.store,
        continuity: new Continuity(redis, prefix),
        submitters: [restSubmitter(master.addresses)],
        owner: 'elt',
        isDeclared: () => true,
        specOf: ({ name, mainClass, argument }) => {
          return { ...specNamed(name), mainClass, args: [JSON.stringify(argument)] };
        },
        logger,
        now,
      }),
      stage: () => this.stage,
      plan: (stage, pipeline, flags, id) => this.plan(stage, pipeline, flags, id),
      refusal: (run) => this.refusal(run),
      schedules: this.schedules,
      submitter: () => this.submitter,
      workerTimeoutMs: 60_000,
      logger,
      metrics: noMetrics,
      now,
    };
  }

  static async open(url: string, prefix: string): Promise<World> {
    return new World(new Redis(url), await FakeMaster.start(), prefix);
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.master.close();
  }

  /** Takes one step; the clock moves on by what the step asked to wait. */
  async step(runId: string): Promise<number | 'settled'> {
    const next = await executeRun(runId, this.services, new AbortController().signal);
    if (typeof next === 'number') this.aheadMs += next;
    return next;
  }

  /** Steps until the condition holds. */
  async stepUntil(runId: string, condition: (run: Run) => boolean, most = 500): Promise<Run> {
    for (let count = 0; count < most; count++) {
      const run = await this.run(runId);
      if (condition(run)) return run;
      await this.step(runId);
    }
    throw new Error(`not within ${most} steps: ${JSON.stringify(await this.run(runId))}`);
  }

  async run(runId: string): Promise<Run> {
    const stored = await this.store.get(runId);
    if (stored === null) throw new Error(`no run ${runId}`);
    return stored.run;
  }

  get driver(): FakeDriver {
    const driver = this.master.drivers.at(-1);
    if (driver === undefined) throw new Error('no driver was created');
    return driver;
  }
}

/** One line of a driver's stdout. */
export function event(runId: string, name: string, facts: Record<string, unknown> = {}): string {
  return `${JSON.stringify({ event: name, runId, at: new Date().toISOString(), ...facts })}\n`;
}

export function positionAt(offset: number) {
  return [{ topicId, offsets: { '0': String(offset) }, closed: false }];
}

export function commitEvent(runId: string, from: number, to: number): string {
  return event(runId, 'commit', {
    table: 'raw.numbers',
    snapshotId: `90071992547409${to}`,
    rows: to - from,
    rejects: 0,
    startPosition: positionAt(from),
    endPosition: positionAt(to),
    lag: 0,
  });
}

export function endEvent(runId: string, state: string, error: object | null = null): string {
  return event(runId, 'end', { state, rows: 0, rejects: 0, error });
}

/** The same commit as the table's ledger has it. */
export function tableCommit(runId: string, from: number, to: number): TableCommit {
  return {
    runId,
    snapshotId: `90071992547409${to}`,
    rows: to - from,
    rejects: 0,
    startPosition: positionAt(from),
    endPosition: positionAt(to),
  };
}
