/** One elt worker at a time measures what no event tells: lag, freshness, queues, workers, Spark. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { announceCounters } from './announce-counters.js';
import { redisVerdicts } from './last-verdicts.js';
import { measurePipelines, type PipelineSources } from './measure-pipelines.js';
import { measureRuns, measureSpark, measureVerifications, measureWorkers, openRuns } from './measure-runs.js';
import { openQueue, type QueueAddress, type RunQueue } from './queue.js';
import { type Stage, stages } from './run.js';
import type { RunStore } from './run-store.js';

export interface CollectorSources extends Omit<PipelineSources, 'signal'> {
  readonly redis: Redis;
  readonly store: RunStore;
  readonly queues: QueueAddress;
}

/** Takes the lease when nobody has it, renews it when it is ours. KEYS lease · ARGV id, ms. */
const leaseScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`;

/**
 * Measures every `metrics.interval` until it is closed. A lease in Redis keeps other workers from asking Kafka and Trino for the same; should two
 * of them measure after all, gauges are sent twice and say the same.
 */
export class MetricsCollector {
  readonly #sources: CollectorSources;
  readonly #stopping = new AbortController();
  readonly #id = randomUUID();
  readonly #queues: ReadonlyMap<Stage, RunQueue>;
  readonly #loop: Promise<void>;

  constructor(sources: CollectorSources) {
    this.#sources = sources;
    const onError = (err: Error) => sources.logger.debug({ err }, 'queue connection trouble');
    this.#queues = new Map(stages.map((stage) => [stage, openQueue(stage, sources.queues, onError)]));
    this.#loop = this.#run();
  }

  /** Ends the measurement in hand and gives the lease back. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    const { redis } = this.#sources;
    const holder = await redis.get(this.#leaseKey()).catch(() => null);
    if (holder === this.#id) await redis.del(this.#leaseKey()).catch(() => undefined);
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#attempt('the lease', async () => {
        if (await this.#holdsLease()) await this.#measure(signal);
      });
      await pause(this.#sources.config.metrics.interval, signal);
    }
  }

  async #holdsLease(): Promise<boolean> {
    const { redis, config } = this.#sources;
    const ms = Math.max(60_000, 3 * config.metrics.interval);
    return (await redis.eval(leaseScript, 1, this.#leaseKey(), this.#id, ms)) === 1;
  }

  async #measure(signal: AbortSignal): Promise<void> {
    const { config, metrics, redis, store } = this.#sources;
    announceCounters(config, metrics);
    await this.#attempt('runs and workers', async () => {
      const open = await openRuns(store);
      measureRuns(open, config, metrics);
      await measureWorkers(open, this.#queues, config, metrics);
    });
    const verdicts = redisVerdicts(redis, config.redis.prefix);
    await this.#attempt('verifications', () => measureVerifications(verdicts, config, metrics));
    await this.#attempt('Spark', () => measureSpark(config, metrics, signal));
    await measurePipelines({ ...this.#sources, signal });
  }

  /** What cannot be asked is not sent: unknown is not zero. */
  async #attempt(what: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#sources.logger.debug({ err: error }, `${what} could not be measured`);
    }
  }

  #leaseKey(): string {
    return `${this.#sources.config.redis.prefix}:metrics-collector`;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
