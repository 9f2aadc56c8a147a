import { Redis } from 'ioredis';
import { EltError, unreachable } from '../commons/errors.js';
import { maskUrl } from '../commons/secret-names.js';

/** How long a command line waits for a Redis that was there before. */
const mostRetries = 12;
/** A Redis that takes the connection and does not answer (frozen, cut off) is an outage, too. */
const commandTimeoutMs = 10_000;
/** How soon the kernel asks after a silent peer. */
const keepAliveMs = 10_000;

/** Options for connections that queues hold for ever: they come back by themselves. No time limit for commands: theirs block. */
export const patientOptions = {
  keepAlive: keepAliveMs,
  maxRetriesPerRequest: null,
  retryStrategy: (times: number): number => Math.min(times * 200, 2_000),
};

/**
 * Opens a connection for commands with an end: the first connect fails at once when nobody listens, later outages after a few
 * seconds. @throws EltError `unreachable`
 */
export async function connectRedis(url: string, onTrouble: (error: Error) => void = () => {}): Promise<Redis> {
  let isConnected = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 3_000,
    commandTimeout: commandTimeoutMs,
    keepAlive: keepAliveMs,
    maxRetriesPerRequest: mostRetries,
    retryStrategy: (times) => (isConnected ? Math.min(times * 150, 1_000) : null),
  });
  let trouble: Error | undefined;
  redis.on('error', (error: Error) => {
    trouble = error;
    onTrouble(error);
  });
  try {
    await redis.connect();
    isConnected = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw redisUnreachable(url, trouble ?? error);
  }
}

/** Turns what ioredis throws during an outage into one message; other errors pass. */
export function asRedisError(url: string, error: unknown): unknown {
  if (error instanceof EltError || !(error instanceof Error)) return error;
  const isOutage =
    /max retries per request|Connection is closed|Command timed out|ECONNREFUSED|ECONNRESET|ETIMEDOUT/i.test(
      error.message,
    );
  if (isOutage) return redisUnreachable(url, error);
  return /^(OOM|LOADING|READONLY|MISCONF|NOREPLICAS|MASTERDOWN) /.test(error.message)
    ? redisRefuses(url, error)
    : error;
}

/** Redis answers, and takes no writes now. */
function redisRefuses(url: string, cause: Error): EltError {
  const hint = cause.message.startsWith('OOM')
    ? 'Give it more memory (maxmemory) or make room; its policy must be noeviction. Drivers that run go on meanwhile.'
    : 'Try again when Redis is ready. Drivers that run go on meanwhile.';
  const message = `Redis at ${maskUrl(url)} takes no writes: ${cause.message}`;
  return new EltError('unreachable', message, { kind: 'external', cause, hint });
}

function redisUnreachable(url: string, cause: unknown): EltError {
  return unreachable(
    'Redis',
    maskUrl(url),
    reasonOf(cause),
    'Is it up? elt stack status. To use another Redis: ELT_REDIS_URL. A driver that runs already is not disturbed.',
  );
}

function reasonOf(cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ECONNREFUSED' ? new Error('connection refused', { cause }) : cause;
}
