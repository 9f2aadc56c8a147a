/**
 * Whether Redis is still the one that the runs were last reconciled in. A restart, a failover, a flush and a restored file all show: the
 * marker `PREFIX:server` names the Redis process (`run_id` of INFO server), and it is gone or names another one.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Lua: the id of the Redis process; a server that tells nothing of itself has one name for ever, and only a flush shows. */
export const serverIdFunction = `
local function server_id()
  local ok, info = pcall(redis.call, 'INFO', 'server')
  return ok and string.match(info, 'run_id:(%w+)') or 'unnamed'
end
`;

/** KEYS marker · Returns the server's id, and 1 when the marker names it. */
const lookScript = `${serverIdFunction}
local id = server_id()
return {id, redis.call('GET', KEYS[1]) == id and 1 or 0}
`;

/** KEYS marker, visit · ARGV visit, server id. Sets the marker if nothing happened to Redis since the visit began. */
const concludeScript = `${serverIdFunction}
if redis.call('GET', KEYS[2]) ~= ARGV[1] or server_id() ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], ARGV[2])
return 1
`;

/** A reconciliation under way. */
export interface Visit {
  readonly id: string;
  readonly serverId: string;
}

const visitSeconds = 120;

export class Continuity {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async isIntact(): Promise<boolean> {
    return (await this.#look())[1] === 1;
  }

  async begin(): Promise<Visit> {
    const id = randomUUID();
    const [serverId] = await this.#look();
    await this.#redis.set(this.#visitKey(id), id, 'EX', visitSeconds);
    return { id, serverId };
  }

  /** False when Redis was emptied or replaced meanwhile: begin again. */
  async conclude({ id, serverId }: Visit): Promise<boolean> {
    const keys = [`${this.#prefix}:server`, this.#visitKey(id)];
    return (await this.#redis.eval(concludeScript, 2, ...keys, id, serverId)) === 1;
  }

  async #look(): Promise<[string, number]> {
    return (await this.#redis.eval(lookScript, 1, `${this.#prefix}:server`)) as [string, number];
  }

  #visitKey(id: string): string {
    return `${this.#prefix}:visit:${id}`;
  }
}
