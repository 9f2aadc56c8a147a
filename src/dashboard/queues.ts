/** bull-board: the queue jobs behind the runs. They are hints only, so whatever is done to them a run has at most one driver. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Redis } from 'ioredis';
import type { RunQueue } from '../pipeline/queue.js';
import type { Stage } from '../pipeline/run.js';
import { problem, type Reply, type Request } from './http.js';
import type { Route } from './route.js';
import { page } from './static-files.js';
import { within } from './within.js';

export interface QueuesOptions {
  readonly queues: ReadonlyMap<Stage, RunQueue>;
  readonly redis: Redis;
  readonly isReadOnly: boolean;
  readonly hasPassword: boolean;
}

const basePath = '/queues';

/** What may be done to queue jobs where the dashboard is not read-only. Adding or rewriting jobs is the CLI's business: a job is a run. */
const allowedChanges = [
  /^\/api\/queues\/[a-z]+\/[^/]+\/(retry|promote|clean)$/,
  /^\/api\/queues\/[a-z]+\/(retry|clean)\/[a-z]+$/,
  /^\/api\/queues\/([a-z]+\/)?(pause|resume)$/,
];

type Handler = (request: Request['raw'], response: Request['response']) => void;

/** The queue dashboard under `/queues`, for those who know the password. */
export function queueRoutes(options: QueuesOptions): readonly Route[] {
  if (!options.hasPassword) {
    return [{ method: 'any', path: /^\/queues(?:\/.*)?$/, access: 'open', handle: async () => await off() }];
  }
  const board = openBoard(options);
  const handle = (request: Request) => serve(options, board, request);
  return [{ method: 'any', path: /^\/queues(?:\/.*)?$/, access: 'owner', handle }];
}

/** Says why there is nothing to see. */
async function off(): Promise<Reply> {
  return { ...(await page('queues-off.html')), status: 403 };
}

function openBoard({ queues, isReadOnly }: QueuesOptions): Handler {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(basePath);
  const adapters = [...queues.values()].map(
    (queue) => new BullMQAdapter(queue, { readOnlyMode: isReadOnly, allowRetries: !isReadOnly }),
  );
  createBullBoard({
    queues: adapters,
    serverAdapter,
    options: { uiConfig: { boardTitle: 'elt queues', miscLinks: [{ text: 'Overview', url: '/' }] } },
  });
  const router = serverAdapter.getRouter() as Handler & { disable(setting: string): void };
  router.disable('x-powered-by');
  return router;
}

async function serve(options: QueuesOptions, board: Handler, request: Request): Promise<Reply | 'answered'> {
  const { method, path, raw, response } = request;
  const below = path.slice(basePath.length);
  const isReading = method === 'GET' || method === 'HEAD';
  if (!isReading && (options.isReadOnly || !allowedChanges.some((pattern) => pattern.test(below)))) {
    const hint = options.isReadOnly
      ? 'To allow changes: dashboard.readOnly: false in elt.yaml.'
      : 'Runs are started with: elt run';
    return problem(403, 'not-allowed', `${method} ${below} is not allowed here. Nothing was changed.`, hint);
  }
  if (below.startsWith('/api/')) {
    try {
      // The queues' own connections would keep the browser waiting until Redis is back.
      await within(2_000, 'Redis', options.redis.ping());
    } catch {
      return problem(503, 'unreachable', 'Redis cannot be reached; trying again.', 'Is it up? elt stack status');
    }
  }
  raw.url = (raw.url ?? '').slice(basePath.length) || '/';
  board(raw, response);
  return 'answered';
}
