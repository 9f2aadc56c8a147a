/** Drivers in client mode on this host: each has a folder, and its process's arguments tell what it does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adoptClientProcess, clientProcessState } from './client-process.js';
import { ownerProperty } from './launch-command.js';
import type { Census, SeenDriver } from './submitter.js';

/** Ended ones leave no process whose arguments could be read: only live ones can be told. */
export function clientCensus(folder: string): Census {
  const drivers: SeenDriver[] = [];
  for (const name of foldersIn(folder)) {
    const client = adoptClientProcess(join(folder, name));
    if (client === 'starting') return { outcome: 'uncertain', detail: `${join(folder, name)}: about to start` };
    if (client === 'absent' || clientProcessState(client) !== 'running') continue;
    const args = argumentsOf(client.pid);
    const mainClass = args[args.indexOf('--class') + 1];
    if (!args.includes('--class') || mainClass === undefined) continue;
    drivers.push({
      name,
      mainClass,
      owner: ownerOf(args),
      argument: args.at(-1) ?? null,
      submissionId: ['client', client.host, client.pid, client.startTicks, name].join(':'),
      isLive: true,
      driverState: 'running',
      logAddress: client.folder,
    });
  }
  return { outcome: 'complete', drivers, driverIds: [], applications: [] };
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith('elt-'));
  } catch {
    return [];
  }
}

function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((part) => part !== '');
  } catch {
    return [];
  }
}

function ownerOf(args: readonly string[]): string | null {
  return args.find((arg) => arg.startsWith(`${ownerProperty}=`))?.slice(ownerProperty.length + 1) ?? null;
}
