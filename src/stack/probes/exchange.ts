import { connect } from 'node:net';

/**
 * Connects, sends `request` (if any) and reads until `parse` returns something other than undefined.
 * @throws when the connection fails, ends too early or `signal` aborts.
 */
export function exchange<T>(
  host: string,
  port: number,
  request: Buffer | undefined,
  parse: (received: Buffer) => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    let received = Buffer.alloc(0);
    const settle = (act: () => void) => {
      act();
      socket.destroy();
    };
    socket.once('connect', () => request && socket.write(request));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      try {
        const value = parse(received);
        if (value !== undefined) settle(() => resolve(value));
      } catch (error) {
        settle(() => reject(error));
      }
    });
    socket.once('error', (error) => settle(() => reject(error)));
    socket.once('close', () => reject(new Error(`${host}:${port} closed the connection without an answer`)));
  });
}
