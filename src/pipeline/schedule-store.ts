import type { Redis } from 'ioredis';
import {
  type DeclaredSchedule,
  parseRecord,
  type ScheduleKey,
  type ScheduleRecord,
  schedulerId,
  type Tick,
} from './schedule.js';

/** KEYS record, known · ARGV declaredAtMs, timing, member. Writes unless a worker that started later has spoken. */
const declareScript = `
local newest = tonumber(redis.call('HGET', KEYS[1], 'declaredAtMs') or '0') or 0
redis.call('SADD', KEYS[2], ARGV[3])
if newest > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'declaredAtMs', ARGV[1], 'timing', ARGV[2])
return 1
`;

/**
 * Schedules in Redis, beside BullMQ's schedulers. Keys under `PREFIX:`: `schedule:STAGE:PIPELINE` (hash: timing, declaredAtMs,
 * pausedAt, lastTick, hasStarted), `schedules` (which there are, `STAGE:PIPELINE`).
 */
export class ScheduleStore {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  /** Redis' clock (ms since 1970): the same for workers on different hosts. */
  async now(): Promise<number> {
    const [seconds, microseconds] = await this.#redis.time();
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  /** Says what the configuration of a worker that started at `startedAtMs` declares: the worker that started last is right. */
  async declare({ stage, pipeline, timing }: DeclaredSchedule, startedAtMs: number): Promise<void> {
    const member = `${stage}:${pipeline}`;
    const json = JSON.stringify(timing);
    await this.#redis.eval(declareScript, 2, this.#key(member), `${this.#prefix}:schedules`, startedAtMs, json, member);
  }

  async get(key: ScheduleKey): Promise<ScheduleRecord> {
    return parseRecord(key, await this.#redis.hgetall(this.#key(`${key.stage}:${key.pipeline}`)));
  }

  /** Every schedule that is declared, paused or was. */
  async list(): Promise<readonly ScheduleRecord[]> {
    const members = (await this.#redis.smembers(`${this.#prefix}:schedules`)).sort();
    return await Promise.all(
      members.map(async (member) => {
        const [stage, pipeline] = member.split(':') as [ScheduleKey['stage'], string];
        return await this.get({ stage, pipeline });
      }),
    );
  }

  /** Sets or takes away the pause; returns whether that changed anything. */
  async pause({ stage, pipeline }: ScheduleKey, at: Date | null): Promise<boolean> {
    const member = `${stage}:${pipeline}`;
    if (at === null) return (await this.#redis.hdel(this.#key(member), 'pausedAt')) === 1;
    await this.#redis.sadd(`${this.#prefix}:schedules`, member);
    return (await this.#redis.hsetnx(this.#key(member), 'pausedAt', at.toISOString())) === 1;
  }

  async recordTick({ stage, pipeline }: ScheduleKey, tick: Tick): Promise<void> {
    const key = this.#key(`${stage}:${pipeline}`);
    const started = tick.result === 'started' ? { hasStarted: '1' } : {};
    await this.#redis.hset(key, { lastTick: JSON.stringify(tick), ...started });
  }

  /** When BullMQ's scheduler has its next slot; null when there is no scheduler. */
  async nextSlot(key: ScheduleKey): Promise<Date | null> {
    const score = await this.#redis.zscore(`${this.#prefix}:queue:${key.stage}:repeat`, schedulerId(key));
    return score === null ? null : new Date(Number(score));
  }

  #key(member: string): string {
    return `${this.#prefix}:schedule:${member}`;
  }
}
