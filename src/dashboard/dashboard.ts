/** Opens the dashboard: one server with the overview, the JSON API and the queues. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import type { Config } from '../commons/config.js';
import { EltError, unreachable } from '../commons/errors.js';
import type { ReleaseStack } from '../commons/lifecycle.js';
import type { Logger } from '../commons/logger.js';
import { maskUrl } from '../commons/secret-names.js';
import { openQueue, type RunQueue } from '../pipeline/queue.js';
import { type Stage, stages } from '../pipeline/run.js';
import { RunStore } from '../pipeline/run-store.js';
import type { TrinoClient } from '../trino/client.js';
import { apiRoutes } from './api.js';
import { Feed } from './feed.js';
import { loginRoutes } from './login.js';
import { overviewSource } from './overview-source.js';
import { readPassword } from './password.js';
import { queueRoutes } from './queues.js';
import type { Route } from './route.js';
import { readRunFacts } from './run-facts.js';
import { allowedHosts } from './same-origin.js';
import { requestListener } from './server.js';
import { Sessions } from './sessions.js';
import { page, staticRoutes } from './static-files.js';
import { pipelineFacts } from './table-facts.js';

export interface DashboardOptions {
  readonly config: Config;
  readonly trino: TrinoClient;
  readonly logger: Logger;
  readonly releases: ReleaseStack;
}

export interface Dashboard {
  readonly url: string;
  readonly hasPassword: boolean;
}

/** How old what Trino and Kafka said may be: shared by all who look. */
const tablesFreshMs = 5_000;

/** Opens it; whoever calls releases it. Redis and Trino may be down: the pages say so. @throws EltError `dashboard-password`, `port-taken` */
export async function openDashboard({ config, trino, logger, releases }: DashboardOptions): Promise<Dashboard> {
  const { dashboard } = config;
  const password = readPassword(dashboard);
  if (password === null && !isLoopback(dashboard.host)) throw needsPassword(dashboard.host);
  const redis = openRedis(config, logger, releases);
  const queues = openQueues(config, logger, releases);
  const facts = pipelineFacts(config, trino, tablesFreshMs);
  const runFacts = async () => await readRunFacts({ redis, config, queues });
  const feed = releases.push('feed', new Feed(overviewSource(config, runFacts, facts)), (one) => one.close());
  const server = await listen(dashboard, releases);
  const { port } = server.address() as AddressInfo;
  const sessions = new Sessions(port);
  const isReadOnly = dashboard.readOnly || password === null;
  const store = new RunStore(redis, config.redis.prefix);
  const asking = async <T>(ask: () => Promise<T>) => await askRedis(redis, config, ask);
  const routes: readonly Route[] = [
    { method: 'GET', path: /^\/$/, access: 'viewer', handle: async () => await page('overview.html') },
    ...staticRoutes,
    ...loginRoutes({ password, sessions, isReadOnly, page: async () => await page('login.html'), logger }),
    ...apiRoutes({ config, store, feed, facts, runFacts, sessions, isReadOnly, asking }),
    ...queueRoutes({ queues, redis, isReadOnly, hasPassword: password !== null }),
  ];
  const hosts = allowedHosts(dashboard.host, port, dashboard.allowedHosts);
  const gate = { allowedHosts: hosts, hasPassword: password !== null, sessions, logger };
  server.on('request', requestListener(gate, routes));
  const name = dashboard.host.includes(':') ? `[${dashboard.host}]` : dashboard.host;
  return { url: `http://${name}:${port}/`, hasPassword: password !== null };
}

/** Fails at once while Redis is down, and connects again by itself. */
function openRedis(config: Config, logger: Logger, releases: ReleaseStack): Redis {
  const redis = new Redis(config.redis.url, {
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(times * 100, 1_000),
  });
  redis.on('error', (error: Error) => logger.debug({ err: error }, 'Redis connection trouble'));
  return releases.push('Redis', redis, (one) => one.disconnect());
}

function openQueues(config: Config, logger: Logger, releases: ReleaseStack): ReadonlyMap<Stage, RunQueue> {
  const onError = (error: Error) => logger.debug({ err: error }, 'queue connection trouble');
  const { url, prefix } = config.redis;
  const open = (stage: Stage) =>
    releases.push('queue', openQueue(stage, { url, prefix }, onError), (one) => one.disconnect());
  return new Map(stages.map((stage) => [stage, open(stage)]));
}

async function askRedis<T>(redis: Redis, config: Config, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (redis.status === 'ready') throw error;
    throw unreachable('Redis', maskUrl(config.redis.url), new Error('no connection; trying again', { cause: error }));
  }
}

async function listen({ host, port }: Config['dashboard'], releases: ReleaseStack): Promise<Server> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 });
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'something else listens there' : message;
    throw new EltError('port-taken', `The dashboard cannot listen on ${host}:${port}: ${why}.`, {
      cause,
      hint: 'Another port: elt dashboard --port 3002 (or dashboard.port in elt.yaml).',
    });
  }
  return releases.push('server', server, async (one) => {
    const closed = once(one, 'close');
    one.close();
    one.closeAllConnections();
    await closed;
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function needsPassword(host: string): EltError {
  return new EltError(
    'dashboard-password',
    `dashboard.host is ${host}: everybody there could look in, and no password is set.`,
    {
      hint: 'Set ELT_DASHBOARD_PASSWORD (or dashboard.passwordFile), or let it listen on 127.0.0.1.',
    },
  );
}
