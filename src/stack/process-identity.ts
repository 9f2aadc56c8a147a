import { readdirSync, readFileSync } from 'node:fs';

/**
 * One process of one boot. A pid alone is reused; together with the start time (clock ticks since boot) and the boot id it is
 * not. See proc(5): field 22 of /proc/PID/stat.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
  readonly bootId: string;
}

/** A line of /proc/PID/stat, as far as it matters here. */
export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly session: number;
  readonly startTicks: string;
}

/** Parses /proc/PID/stat. The command name in parentheses may itself hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat | undefined {
  const open = line.indexOf('(');
  const close = line.lastIndexOf(')');
  if (open < 0 || close < 0) return undefined;
  const fields = line.slice(close + 2).split(' ');
  const [state, parent, , session] = fields;
  const startTicks = fields[19];
  if (state === undefined || parent === undefined || session === undefined || startTicks === undefined)
    return undefined;
  return { pid: Number(line.slice(0, open)), state, parent: Number(parent), session: Number(session), startTicks };
}

/** What runs as `pid` now; undefined when nothing does. A zombie counts as nothing. */
export function processStat(pid: number): ProcessStat | undefined {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return stat === undefined || hasEnded(stat) ? undefined : stat;
  } catch {
    return undefined;
  }
}

/** A process whose first thread has ended looks like a zombie, but holds its ports until its other threads have. */
function hasEnded({ pid, state }: ProcessStat): boolean {
  return state === 'X' || (state === 'Z' && readdirSync(`/proc/${pid}/task`).length <= 1);
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** The identity of a process that runs now. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = processStat(pid);
  return stat && { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && processStat(identity.pid)?.startTicks === identity.startTicks;
}

/** All processes of this machine that can be seen. */
export function allProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processStat(Number(name)))
    .filter((stat): stat is ProcessStat => stat !== undefined);
}

/** One variable of a process's environment; undefined when it has none or it may not be read. */
export function environmentOf(pid: number, name: string): string | undefined {
  try {
    const entry = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .find((line) => line.startsWith(`${name}=`));
    return entry?.slice(name.length + 1);
  } catch {
    return undefined;
  }
}
