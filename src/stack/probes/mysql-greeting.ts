import { exchange } from './exchange.js';

/** Connects to a MariaDB or MySQL server and returns the version it greets with. */
export function mysqlGreeting(host: string, port: number, signal: AbortSignal): Promise<string> {
  return exchange(host, port, undefined, parseGreeting, signal);
}

/** The version in a greeting packet (protocol 10); undefined while it is not complete. */
export function parseGreeting(received: Buffer): string | undefined {
  if (received.length < 4 || received.length < 4 + received.readUIntLE(0, 3)) return undefined;
  if (received[4] !== 10) throw new Error(`the server refuses connections: ${received.subarray(7).toString('latin1')}`);
  return received.toString('latin1', 5, received.indexOf(0, 5));
}
