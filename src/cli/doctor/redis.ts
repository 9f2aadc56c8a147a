import { Redis } from 'ioredis';
import type { Config } from '../../commons/config.js';
import { unreachable } from '../../commons/errors.js';
import { maskUrl } from '../../commons/secret-names.js';
import { type Finding, finding, ok } from './finding.js';

/** Redis answers and never throws keys away. */
export async function redisFindings({ redis: { url } }: Config): Promise<readonly Finding[]> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 3_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: unknown;
  redis.on('error', (error) => {
    reason ??= error;
  });
  try {
    await redis.connect();
    const info = await redis.info();
    const value = (key: string) => new RegExp(`^${key}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? 'unknown';
    const policy = value('maxmemory_policy');
    const detail = `version ${value('redis_version')} at ${maskUrl(url)}, maxmemory-policy ${policy}`;
    if (policy === 'noeviction') return [ok('redis', detail)];
    const fix = 'redis-cli config set maxmemory-policy noeviction: queues must not lose keys.';
    return [finding('warning', 'redis', detail, fix)];
  } catch (error) {
    throw unreachable('Redis', maskUrl(url), reason ?? error);
  } finally {
    redis.disconnect();
  }
}
