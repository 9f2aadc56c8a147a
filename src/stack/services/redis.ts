import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { exchange } from '../probes/exchange.js';
import { renderFile } from '../render.js';
import { host, type Service, type StackContext } from '../service.js';

const configFile = (context: StackContext) => join(context.layout.conf, 'redis', 'redis.conf');
const dataFolder = (context: StackContext) => join(context.layout.data, 'redis');

/** Redis for the queues: never evicts, writes every second. */
export const redis: Service = {
  name: 'redis',
  needs: [],
  ports: ['redis'],
  version: (context) => engine(context.manifest, 'redis').version,
  endpoint: (context) => `redis://${host}:${context.ports.redis}`,
  prepare: async (context) => {
    await mkdir(dataFolder(context), { recursive: true });
    const own = { REDIS_DATA_DIR: dataFolder(context), REDIS_PROTECTED: 'yes', REDIS_MAX_MEMORY: '0' };
    const values = { ...context.values, ...own };
    await renderFile(join(packageRoot, 'infra', 'redis', 'redis.conf'), configFile(context), values);
  },
  command: (context) => ({ file: context.tools.redisServer, argv0: 'redis-server', args: [configFile(context)] }),
  probe: (context, signal) =>
    exchange(host, context.ports.redis, Buffer.from('PING\r\n'), isPong, signal).then(() => undefined),
  readyTimeoutMs: 120_000,
  stopTimeoutMs: 20_000,
};

/** Redis answers `-LOADING …` while it reads its data. */
function isPong(received: Buffer): true | undefined {
  const text = received.toString('latin1');
  if (!text.includes('\r\n')) return undefined;
  if (text !== '+PONG\r\n') throw new Error(text.trim());
  return true;
}
