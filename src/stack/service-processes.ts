import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeAtomically } from './files.js';
import type { StackLayout } from './layout.js';
import { allProcesses, environmentOf, identify, isRunning, type ProcessIdentity } from './process-identity.js';
import type { ServiceCommand, ServiceName } from './service.js';

/** The file that says which process a service is. */
export interface ServiceRecord extends ProcessIdentity {
  readonly startedAt: string;
}

/** Marks in the environment of a service and of all it starts: which stack folder, which service. */
const stackMark = 'ELT_STACK_DIR';
const serviceMark = 'ELT_STACK_SERVICE';

/** A log larger than this is put aside (one older one is kept) at the next start. */
const maxLogBytes = 20 << 20;

const recordFile = (layout: StackLayout, name: ServiceName) => join(layout.run, `${name}.json`);

export function logFile(layout: StackLayout, name: ServiceName): string {
  return join(layout.logs, `${name}.log`);
}

/** What was noted when the service was started; undefined when it was never started or was stopped in order. */
export function serviceRecord(layout: StackLayout, name: ServiceName): ServiceRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(layout, name), 'utf8')) as ServiceRecord;
  } catch {
    return undefined;
  }
}

/** The service's own process, if it runs. */
export function runningService(layout: StackLayout, name: ServiceName): ServiceRecord | undefined {
  const record = serviceRecord(layout, name);
  return record !== undefined && isRunning(record) ? record : undefined;
}

/** Every process of a service: its own, its children, and what they left behind when it died. */
export function serviceProcesses(layout: StackLayout, name: ServiceName): ProcessIdentity[] {
  const record = runningService(layout, name);
  const marked = allProcesses()
    .filter(({ pid }) => environmentOf(pid, serviceMark) === name && environmentOf(pid, stackMark) === layout.root)
    .map(({ pid }) => identify(pid))
    .filter((identity): identity is ProcessIdentity => identity !== undefined && identity.pid !== record?.pid);
  return record === undefined ? marked : [record, ...marked];
}

/** Starts a service as a process that outlives this one, its output in its log file. */
export async function startService(layout: StackLayout, name: ServiceName, command: ServiceCommand): Promise<void> {
  await mkdir(layout.logs, { recursive: true });
  await mkdir(layout.data, { recursive: true });
  await putLogAside(logFile(layout, name));
  const log = await open(logFile(layout, name), 'a', 0o600);
  try {
    const options: SpawnOptions = {
      cwd: command.cwd ?? layout.data,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...inherited(), ...command.environment, [stackMark]: layout.root, [serviceMark]: name },
      argv0: command.argv0,
    };
    const child = spawn(command.file, command.args, options);
    await once(child, 'spawn');
    child.unref();
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity === undefined) return; // It ended at once: whoever waits for it finds no record and says so.
    const record: ServiceRecord = { ...identity, startedAt: new Date().toISOString() };
    await writeAtomically(recordFile(layout, name), `${JSON.stringify(record)}\n`);
  } finally {
    await log.close();
  }
}

/** Nothing of the caller's environment but what any program needs: engines must not depend on who starts them. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

async function putLogAside(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > maxLogBytes) await rename(path, `${path}.1`);
}

/**
 * Stops a service: SIGTERM to its own process, which may need its children for an orderly end, then to whatever it left
 * behind; SIGKILL to what is still there after `timeoutMs`. Returns whether anything ran.
 */
export async function stopService(
  layout: StackLayout,
  name: ServiceName,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const leader = runningService(layout, name);
  const processes = serviceProcesses(layout, name);
  if (leader !== undefined) {
    signalProcess(leader, 'SIGTERM');
    await untilGone(() => isRunning(leader), timeoutMs, signal);
  }
  const children = serviceProcesses(layout, name);
  for (const one of children) signalProcess(one, 'SIGTERM');
  await untilGone(() => children.some(isRunning), Math.min(timeoutMs, 5_000), signal);
  const deadline = Date.now() + 10_000;
  for (
    let left = serviceProcesses(layout, name);
    left.length > 0 && Date.now() < deadline;
    left = serviceProcesses(layout, name)
  ) {
    for (const one of left) signalProcess(one, 'SIGKILL');
    await untilGone(() => left.some(isRunning), 1_000, signal);
  }
  await rm(recordFile(layout, name), { force: true });
  return processes.length > 0;
}

function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function untilGone(isThere: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (isThere() && Date.now() < deadline) await delay(25, undefined, { signal });
}
