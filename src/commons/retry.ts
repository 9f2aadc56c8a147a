import { setTimeout as delay } from 'node:timers/promises';

/** Delays that grow: `first`, then `factor` times more each, up to `most`. Milliseconds. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly factor: number;
}

/** Polling a run: quick while it starts, calm afterwards. */
export const pollBackoff: Backoff = { firstMs: 150, mostMs: 1_500, factor: 1.3 };

/** Between attempts of a run that failed, and while something outside is down. */
export const outageBackoff: Backoff = { firstMs: 500, mostMs: 5_000, factor: 1.6 };

/** The last pause is part of the time between the end of a fault and the data moving again. */
export const attemptBackoff: Backoff = { firstMs: 2_000, mostMs: 30_000, factor: 2 };

/** The delay before try number `count` (from 0). */
export function delayMs({ firstMs, mostMs, factor }: Backoff, count: number): number {
  return Math.round(Math.min(mostMs, firstMs * factor ** Math.min(count, 100)));
}

/** Waits; ends early, without an error, when the signal is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
