/** The crash drill: one thing after another breaks under load, then every record is counted. */
import type { Config } from '../commons/config.js';
import { EltError } from '../commons/errors.js';
import { ReleaseStack } from '../commons/lifecycle.js';
import { sleep } from '../commons/retry.js';
import type { Environment } from '../stack/layout.js';
import { count, type Finding } from './count.js';
import { commitIntervalMs, DrillLine, partitions } from './drill-line.js';
import { Engines } from './engines.js';
import type { Fault } from './fault.js';
import { Load } from './load.js';
import type { Offsets } from './numbered-records.js';
import { DriverWatch } from './processes.js';
import { between, type Random, seededRandom } from './random.js';
import { firstCommit, recovery } from './recovery.js';
import { type DrillReport, type FaultReport, faultReport } from './report.js';

/** Longer than this after a fault's end is no recovery. */
const recoveryLimitMs = 300_000;
/** Two drivers start on a machine that may be busy. */
const firstCommitsWithinMs = 300_000;

export interface DrillOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly cwd: string;
  readonly faults: readonly Fault[];
  readonly rounds: number;
  readonly seed: number;
  /** Records per second. */
  readonly rate: number;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
  readonly onFault: (report: FaultReport) => void;
}

/** Runs the drill and takes everything away again, whatever happens; the stack is repaired as `elt stack up` does it. */
export async function runDrill(options: DrillOptions): Promise<DrillReport> {
  const engines = await Engines.open(options.config, options.environment, options.cwd);
  return await ReleaseStack.using(async (releases) => {
    const line = await DrillLine.open(options.environment, releases);
    releases.push('the runs', line, (one) => one.stopRuns());
    releases.push('the stack', engines, (one) => one.repair(AbortSignal.timeout(300_000)));
    options.report(`Topic ${line.name}, tables ${line.tables.raw}, ${line.tables.silver} and ${line.tables.rejects}`);
    const request = { topic: line.name, partitions, ratePerSecond: options.rate };
    const load = releases.push('the load', new Load(line.config.kafka, request), (one) => one.stop());
    const watch = releases.push('the watch', new DriverWatch(line.name), (one) => one.stop());
    return await new Drill(options, engines, line, load, watch).run();
  });
}

class Drill {
  readonly #options: DrillOptions;
  readonly #engines: Engines;
  readonly #line: DrillLine;
  readonly #load: Load;
  readonly #watch: DriverWatch;
  readonly #random: Random;
  readonly #findings: Finding[] = [];
  /** Everything before these offsets has been counted. */
  #counted: Offsets = new Map();

  constructor(options: DrillOptions, engines: Engines, line: DrillLine, load: Load, watch: DriverWatch) {
    this.#options = options;
    this.#engines = engines;
    this.#line = line;
    this.#load = load;
    this.#watch = watch;
    this.#random = seededRandom(options.seed);
  }

  async run(): Promise<DrillReport> {
    const { signal, faults, rounds, seed, onFault } = this.#options;
    await this.#start();
    const reports: FaultReport[] = [];
    for (let round = 1; round <= rounds && reports.at(-1)?.recoveredMs !== null; round++) {
      for (const fault of faults) {
        const report = await this.#suffer(fault, round);
        reports.push(report);
        onFault(report);
        if (report.recoveredMs === null) break;
      }
    }
    await this.#load.stop();
    const validated = await this.#countTheRest(reports.at(-1)?.recoveredMs !== null);
    signal.throwIfAborted();
    return {
      seed,
      rounds,
      records: this.#load.acknowledged.count,
      validated,
      passed: validated && reports.every(({ passed }) => passed) && this.#findings.length === 0,
      faults: reports,
      findings: this.#findings,
    };
  }

  /** Both stages follow under load and have committed. */
  async #start(): Promise<void> {
    const { signal } = this.#options;
    const startedAt = Date.now();
    this.#line.startWorker();
    await this.#line.follow('extract', signal);
    const isLanding = await firstCommit(this.#line, firstCommitsWithinMs, signal);
    await this.#line.follow('transform', signal);
    const times = { beganAt: startedAt, endedAt: startedAt };
    const isGoing = isLanding && (await recovery(this.#line, new Map(), times, firstCommitsWithinMs, signal)) !== null;
    if (!isGoing) {
      const message = `The stages did not commit within ${firstCommitsWithinMs / 1_000} s, before anything was broken.`;
      throw new EltError('drill-not-started', message, {
        kind: 'external',
        hint: 'What is wrong: elt doctor; elt stack status',
      });
    }
    this.#watch.take();
  }

  /** One fault, at a random moment between two commits. */
  async #suffer(fault: Fault, round: number): Promise<FaultReport> {
    const { signal } = this.#options;
    await sleep(between(this.#random, 0, 2 * commitIntervalMs), signal);
    signal.throwIfAborted();
    this.#options.report(`${fault.name}: ${fault.describe}`);
    const beganAt = Date.now();
    const world = { line: this.#line, engines: this.#engines, random: this.#random, signal };
    const problem = await problemOf(fault.inject(world), signal);
    const endedAt = Date.now();
    const goal = this.#load.acknowledged.ends;
    const times = { beganAt, endedAt };
    const recovered = problem === null ? await recovery(this.#line, goal, times, recoveryLimitMs, signal) : null;
    const findings = recovered === null ? [] : await this.#count(goal);
    return faultReport(fault, { round, recovered, findings, driversAtOnce: this.#watch.take(), problem });
  }

  async #count(upTo: Offsets): Promise<Finding[]> {
    const range = { from: this.#counted, to: upTo };
    const acknowledged = this.#load.acknowledged;
    const findings = await count(this.#line.trino, this.#line.tables, acknowledged, range, this.#options);
    this.#counted = upTo;
    this.#findings.push(...findings);
    return findings;
  }

  /** After the load's end: what is left, and every check that `elt validate` knows. */
  async #countTheRest(hasRecovered: boolean): Promise<boolean> {
    const { signal, report } = this.#options;
    if (!hasRecovered) return false;
    const now = Date.now();
    const goal = this.#load.acknowledged.ends;
    const before = now - 60_000;
    const last = await recovery(this.#line, goal, { beganAt: before, endedAt: before }, recoveryLimitMs, signal);
    if (last === null) return false;
    await this.#count(goal);
    await this.#line.stopRuns();
    const { exitCode, stdout, stderr } = await this.#line.elt(['validate'], { signal });
    if (exitCode !== 0) report(`elt validate ended with exit code ${exitCode}:\n${stdout}\n${stderr}`);
    return exitCode === 0;
  }
}

/** Why a fault could not be brought about. */
async function problemOf(injection: Promise<void>, signal: AbortSignal): Promise<string | null> {
  try {
    await injection;
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return (error as Error).message;
  }
}
