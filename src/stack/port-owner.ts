import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { socketsOf, tcpSockets } from './tcp-table.js';

/** Whether nothing listens on `port` of `host` or of all addresses: asked by listening there for a moment. */
export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The process that listens on a TCP port, as far as it may be seen: its pid and command. */
export function portOwner(port: number): { pid: number; command: string } | undefined {
  const socket = tcpSockets().find((one) => one.isListening && one.localPort === port);
  if (socket === undefined) return undefined;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const pid = pids.map(Number).find((one) => socketsOf(one).has(socket.inode));
  return pid === undefined ? undefined : { pid, command: commandOf(pid) };
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
