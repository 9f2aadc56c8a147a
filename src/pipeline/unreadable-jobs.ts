import type { RunQueue } from './queue.js';

/**
 * Takes jobs out of a queue that BullMQ itself cannot read (data or options that are no JSON): it throws before any of our code sees
 * them, lets their lock expire and takes them again, for ever. Returns their ids.
 */
export async function removeUnreadable(queue: RunQueue): Promise<readonly string[]> {
  const client = (await queue.backend.client) as unknown as Lists;
  const active = queue.toKey('active');
  const removed: string[] = [];
  for (const id of await client.lrange(active, 0, 999)) {
    const key = queue.toKey(id);
    const [data, opts] = await client.hmget(key, 'data', 'opts');
    if (isObject(data) && isObject(opts)) continue;
    await client.lrem(active, 0, id);
    await client.del(key);
    await client.del(`${key}:lock`);
    removed.push(id);
  }
  return removed;
}

/** The few commands that this takes, of whatever Redis client BullMQ was given. */
interface Lists {
  lrange(key: string, from: number, to: number): Promise<string[]>;
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  lrem(key: string, count: number, value: string): Promise<number>;
  del(key: string): Promise<number>;
}

function isObject(json: string | null | undefined): boolean {
  try {
    const value: unknown = JSON.parse(json ?? '');
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
