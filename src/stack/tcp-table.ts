import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One TCP socket of this machine (proc_pid_net(5)). */
export interface TcpSocket {
  readonly localPort: number;
  readonly isListening: boolean;
  readonly inode: string;
}

/** Every TCP socket, IPv4 and IPv6. */
export function tcpSockets(): TcpSocket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readText(table).split('\n').slice(1).flatMap(parseSocket),
  );
}

/** A line of the table: local address in hexadecimal in field 1, state in field 3 (0A = LISTEN), inode in field 9. */
export function parseSocket(line: string): TcpSocket[] {
  const fields = line.trim().split(/\s+/);
  const [, local, , state] = fields;
  const inode = fields[9];
  if (local === undefined || inode === undefined) return [];
  return [{ localPort: Number.parseInt(local.slice(local.indexOf(':') + 1), 16), isListening: state === '0A', inode }];
}

/** Inodes of the sockets that a process has open; none when it may not be seen. */
export function socketsOf(pid: number): Set<string> {
  return new Set(openFiles(pid).flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
