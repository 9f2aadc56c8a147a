/** The engines of the native stack, to kill and to repair. */

import type { Config } from '../commons/config.js';
import { EltError } from '../commons/errors.js';
import { readJson } from '../stack/files.js';
import type { Environment } from '../stack/layout.js';
import type { ServiceName, StackFacts } from '../stack/service.js';
import { runningService } from '../stack/service-processes.js';
import { stackFacts } from '../stack/stack-facts.js';
import type { StackState } from '../stack/stack-state.js';
import { stackStatus } from '../stack/status.js';
import { stackUp, type UpOptions } from '../stack/up.js';

export class Engines {
  readonly #facts: StackFacts;
  readonly #up: Omit<UpOptions, 'signal'>;

  private constructor(facts: StackFacts, up: Omit<UpOptions, 'signal'>) {
    this.#facts = facts;
    this.#up = up;
  }

  /**
   * The engines of the stack that runs in `ELT_STACK_DIR`.
   * @throws EltError `no-native-stack` when it does not run whole, `other-engines` when the configuration points elsewhere
   */
  static async open(config: Config, environment: Environment, cwd: string): Promise<Engines> {
    const facts = await stackFacts(environment);
    const { root, stateFile } = facts.layout;
    const state = (await readJson(stateFile)) as StackState | undefined;
    const hint = 'The drill kills engines, so it works on the native stack only. Start it: elt stack up';
    if (state === undefined) throw new EltError('no-native-stack', `No native stack runs in ${root}.`, { hint });
    const down = (await stackStatus(facts)).filter(({ name, state }) => state !== 'running' && name !== 'worker');
    if (down.length > 0) {
      const list = down.map((service) => `${service.name} (${service.state})`).join(', ');
      throw new EltError('no-native-stack', `The native stack in ${root} does not run whole: ${list}.`, { hint });
    }
    const elsewhere = differences(config, state);
    if (elsewhere.length > 0) {
      const list = elsewhere.map(({ key, value, native }) => `${key} is ${value}, the native stack's is ${native}`);
      throw new EltError('other-engines', `The configuration points at other engines: ${list.join('; ')}.`, {
        hint: 'The drill kills engines, so it refuses any that it did not start. Unset these keys or variables: elt config show',
      });
    }
    return new Engines(facts, { environment, cwd, alerts: async () => config.alerts, report: () => undefined });
  }

  /** The folder of the stack. */
  get folder(): string {
    return this.#facts.layout.root;
  }

  /** SIGKILLs an engine's own process; what it started is left to itself, as after a crash. */
  kill(name: ServiceName): void {
    const service = runningService(this.#facts.layout, name);
    if (service === undefined) throw new EltError('drill-failed', `${name} does not run.`, { kind: 'external' });
    process.kill(service.pid, 'SIGKILL');
  }

  /** `elt stack up`: starts what is missing and waits until all of it answers. */
  async repair(signal: AbortSignal): Promise<void> {
    await stackUp({ ...this.#up, signal });
  }
}

function differences(config: Config, { config: native }: StackState) {
  const pairs: [string, unknown, unknown][] = [
    ['kafka.bootstrapServers', config.kafka.bootstrapServers, native.kafka.bootstrapServers],
    ['spark.masters', config.spark.masters, native.spark.masters],
    ['spark.rest', config.spark.rest, native.spark.rest],
    ['spark.ui', config.spark.ui, native.spark.ui],
    ['catalog.metastore', config.catalog.metastore, native.catalog.metastore],
    ['s3.endpoint', config.s3.endpoint, native.s3.endpoint],
    ['trino.url', config.trino.url, native.trino.url],
    ['redis.url', config.redis.url, native.redis.url],
  ];
  return pairs
    .map(([key, value, theirs]) => ({ key, value: String(value), native: String(theirs) }))
    .filter(({ value, native: theirs }) => value !== theirs);
}
