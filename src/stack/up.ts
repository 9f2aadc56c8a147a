import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { AlertsConfig } from '../commons/config-schema.js';
import { EltError } from '../commons/errors.js';
import type { Report } from './downloads.js';
import { engineHomes, prepareEngines } from './engine-homes.js';
import { withLock } from './file-lock.js';
import { readJson, writeAtomically } from './files.js';
import { cacheRoot, type Environment, stackLayout } from './layout.js';
import { prepareMetricsPrograms } from './metrics-programs.js';
import { waitUntilReady } from './readiness.js';
import type { Service, ServiceName, StackContext, StackFacts, StackPart } from './service.js';
import { runningService, startService, stopService } from './service-processes.js';
import { services, servicesOf } from './services/index.js';
import { hasWorker } from './services/worker.js';
import { prepareSharedClasses } from './shared-classes.js';
import { stackState, templateValues } from './stack-config.js';
import { rememberSettings, stackFacts } from './stack-facts.js';
import type { StackState } from './stack-state.js';
import { refuseTakenPorts } from './taken-ports.js';
import { findTools } from './tools.js';

export interface UpOptions {
  readonly environment: Environment;
  readonly cwd: string;
  readonly portOffset?: number;
  /** What is to run beside the engines; as the last time when left out. */
  readonly parts?: readonly StackPart[];
  /** Thresholds of the alerts, for a stack with metrics. */
  readonly alerts: () => Promise<AlertsConfig>;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** Starts whatever of the stack does not run, waits until all of it answers and writes `stack.json`. */
export async function stackUp(options: UpOptions): Promise<StackState> {
  const { environment, cwd, portOffset, parts, signal, report } = options;
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64') {
    throw new EltError('unsupported-platform', `The native stack runs on linux-x64 only, this is ${platform}.`, {
      hint: 'Use docker compose, or point elt.yaml at services that run elsewhere.',
    });
  }
  await mkdir(stackLayout(environment, cwd).root, { recursive: true, mode: 0o700 });
  const facts = await stackFacts(environment, { portOffset, parts });
  const hasMetrics = facts.parts.includes('metrics');
  const cache = cacheRoot(environment);
  const isPreparing = Object.values(engineHomes(facts.manifest, cache)).some((home) => !existsSync(home));
  const tools = findTools(facts.manifest, environment, isPreparing);
  const metricsSetUp = async () => ({
    alerts: await options.alerts(),
    programs: await prepareMetricsPrograms(facts.manifest, cache, environment, { report, signal }),
  });
  const [homes, metrics] = await Promise.all([
    prepareEngines(facts.manifest, cache, { report, signal }),
    hasMetrics ? metricsSetUp() : undefined,
  ]);
  const sharedClasses = await prepareSharedClasses(homes, cache, tools.javaHome, { report, signal });
  const caller = { environment, cwd };
  const context: StackContext = {
    ...facts,
    homes,
    sharedClasses,
    tools,
    metrics,
    values: templateValues(facts),
    caller,
  };
  const { layout } = facts;
  await mkdir(layout.run, { recursive: true, mode: 0o700 });
  return withLock(
    layout.lockFile,
    () => report(`Another command works on the stack in ${layout.root}: waiting for it`),
    async () => {
      await stackFacts(environment, { portOffset }); // Another `up` may have chosen a port offset meanwhile.
      await rememberSettings(facts);
      await stopUnwanted(context, signal, report);
      const engines = servicesOf(facts).filter(({ name }) => name !== 'worker');
      await startMissing(engines, context, signal, report);
      const state = stackState(context);
      const before = (await readJson(layout.stateFile)) as StackState | undefined;
      await writeAtomically(layout.stateFile, `${JSON.stringify(state, null, 2)}\n`);
      if (before?.config.metrics?.statsd !== state.config.metrics?.statsd) {
        // It reads where to send metrics when it starts. Drivers go on without it.
        await stopService(layout, 'worker', 30_000, signal);
      }
      const workers = services.filter(({ name }) => name === 'worker' && hasWorker());
      await startMissing(workers, context, signal, report);
      return state;
    },
  );
}

/** A part that is not wanted any more. */
async function stopUnwanted(context: StackContext, signal: AbortSignal, report: Report): Promise<void> {
  const wanted = servicesOf(context);
  for (const { name, stopTimeoutMs } of services.filter((one) => !wanted.includes(one))) {
    if (await stopService(context.layout, name, stopTimeoutMs, signal)) report(`${name.padEnd(12)} stopped`);
  }
}

async function startMissing(
  wanted: readonly Service[],
  context: StackContext,
  signal: AbortSignal,
  report: Report,
): Promise<void> {
  const missing = wanted.filter(({ name }) => runningService(context.layout, name) === undefined);
  // What a dead service left behind (a driver, an executor) must not meet its successor.
  // Not the worker's: drivers in client mode live on, and the next worker looks after them.
  const swept = missing.filter(({ name }) => name !== 'worker');
  await Promise.all(swept.map(({ name }) => stopService(context.layout, name, 0, signal)));
  await refuseTakenPorts(missing, context);
  const started = new Map<ServiceName, Promise<void>>();
  for (const service of wanted) {
    const needed = service.needs.flatMap((name) => started.get(name) ?? []);
    started.set(service.name, start(service, Promise.all(needed), missing.includes(service), context, signal, report));
  }
  const outcomes = await Promise.allSettled(started.values());
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length > 0) throw failures.find((failure) => !(failure instanceof NeededServiceFailed)) ?? failures[0];
}

/** Not a failure of its own: a service that this one needs did not start. */
class NeededServiceFailed extends Error {}

async function start(
  service: Service,
  needed: Promise<unknown>,
  isMissing: boolean,
  context: StackContext,
  signal: AbortSignal,
  report: Report,
): Promise<void> {
  await needed.catch((cause) => {
    throw new NeededServiceFailed(`${service.name} was not started`, { cause });
  });
  signal.throwIfAborted();
  const startedAt = performance.now();
  if (isMissing) {
    await service.prepare?.(context);
    await startService(context.layout, service.name, service.command(context));
  }
  await waitUntilReady(service, context, signal);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const what = isMissing ? `ready after ${seconds} s` : 'runs already';
  report(`${service.name.padEnd(12)} ${(service.endpoint(context) ?? '').padEnd(28)} ${what}`);
}

/** Removes what says that the stack is up. */
export async function forgetState(facts: StackFacts): Promise<void> {
  await rm(facts.layout.stateFile, { force: true });
}
