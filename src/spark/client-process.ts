import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { sleep } from '../commons/retry.js';

/**
 * A detached process with a folder of its own (`pid`, `exit-code`, `stdout`, `stderr`), which lives on when its parent dies.
 * The folder's name is unique for each driver, so creating one is idempotent.
 */
export interface ClientProcess {
  readonly host: string;
  readonly pid: number;
  /** Clock ticks since boot: tells a reused pid (proc(5), field 22 of stat). */
  readonly startTicks: string;
  readonly folder: string;
}

/**
 * The shell notes its pid before anything else and the exit code at the end. It passes each SIGTERM on to the driver exactly once, and
 * not before the driver's process has left the shell's own traps behind.
 */
const script = `stop() {
  if [ -z "$child" ]; then stopped=1; return; fi
  until [ -e "$0/started" ]; do sleep 0.05; done
  kill -TERM "$child" 2>/dev/null
}
trap stop TERM; trap : INT HUP
echo "$$ $(cut -d' ' -f22 /proc/$$/stat)" > "$0/pid.new" && mv "$0/pid.new" "$0/pid"
(trap - TERM INT HUP; : > "$0/started"; exec "$@") & child=$!
[ -z "$stopped" ] || stop
while :; do wait "$child"; code=$?; kill -0 "$child" 2>/dev/null || break; done
echo "$code" > "$0/exit-code.new" && mv "$0/exit-code.new" "$0/exit-code"`;

/** Starts `command` detached; undefined when the folder exists already: somebody started it before. */
export async function startClientProcess(
  folder: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ClientProcess | undefined> {
  try {
    mkdirSync(join(folder, '..'), { recursive: true });
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  const [stdout, stderr] = [openSync(join(folder, 'stdout'), 'a', 0o600), openSync(join(folder, 'stderr'), 'a', 0o600)];
  const child = spawn('/bin/sh', ['-c', script, folder, ...command], {
    detached: true,
    stdio: ['ignore', stdout, stderr],
    env,
  });
  child.unref();
  closeSync(stdout);
  closeSync(stderr);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return await untilNoted(folder);
}

/** Waits for the shell to note its pid; a machine that cannot start a shell within seconds has other troubles. */
async function untilNoted(folder: string): Promise<ClientProcess> {
  for (const deadline = Date.now() + 10_000; ; await sleep(5)) {
    const client = adoptClientProcess(folder);
    if (typeof client === 'object') return client;
    if (Date.now() > deadline) throw new Error(`nothing was started from ${folder} within 10 s`);
  }
}

/** The process that an earlier start left in this folder; `starting` while its shell has not noted its pid. */
export function adoptClientProcess(folder: string): ClientProcess | 'absent' | 'starting' {
  const text = readOrUndefined(join(folder, 'pid'));
  if (text !== undefined) {
    const [pid, startTicks = ''] = text.split(' ');
    return { host: hostname(), pid: Number(pid), startTicks, folder };
  }
  const createdMs = modifiedMs(folder);
  if (createdMs === undefined) return 'absent';
  if (Date.now() - createdMs < 10_000) return 'starting';
  // Whoever made the folder died before it started anything: make room for a new start.
  renameSync(folder, `${folder}.abandoned-${process.pid}`);
  rmSync(`${folder}.abandoned-${process.pid}`, { recursive: true, force: true });
  return 'absent';
}

/** Its exit code; `running`; or `vanished` when it ended without noting one (SIGKILL, power cut). */
export function clientProcessState({ pid, startTicks, folder }: ClientProcess): number | 'running' | 'vanished' {
  const code = readOrUndefined(join(folder, 'exit-code'));
  if (code !== undefined) return Number(code);
  return startTicksOf(pid) === startTicks ? 'running' : 'vanished';
}

/** SIGTERM goes to the shell, which passes it on; SIGKILL to the whole process group. */
export function signalClientProcess(client: ClientProcess, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  if (clientProcessState(client) !== 'running') return false;
  try {
    process.kill(signal === 'SIGKILL' ? -client.pid : client.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Start time of a process that runs now; undefined for none, a zombie included. */
function startTicksOf(pid: number): string | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function modifiedMs(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}
