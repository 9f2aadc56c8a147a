import { exchange } from './exchange.js';

/** A connection to Redis, as its `CLIENT LIST` tells it. */
export interface RedisClient {
  readonly port: number;
  /** The command it runs or ran last. */
  readonly command: string;
}

/** Everybody who is connected to a Redis server. */
export function redisClients(host: string, port: number, signal: AbortSignal): Promise<RedisClient[]> {
  return exchange(host, port, Buffer.from('CLIENT LIST\r\n'), parseClients, signal);
}

/** The content of a bulk string `$LENGTH\r\n…\r\n`; undefined while it is not complete. */
export function parseClients(received: Buffer): RedisClient[] | undefined {
  const text = received.toString('utf8');
  const start = text.indexOf('\r\n') + 2;
  if (start < 2) return undefined;
  if (!text.startsWith('$')) throw new Error(text.trim());
  if (received.length < start + Number(text.slice(1, start - 2)) + 2) return undefined;
  return text
    .slice(start)
    .split('\n')
    .flatMap((line) => {
      const found = / addr=\S+:(\d+) .* cmd=(\S+)/.exec(line);
      return found === null ? [] : [{ port: Number(found[1]), command: found[2] ?? '' }];
    });
}
