/** The JSON API: the shapes of the command line's `-o json`. */
import type { Config } from '../commons/config.js';
import { EltError } from '../commons/errors.js';
import { type PipelineOffsets, pipelineOffsets } from '../pipeline/pipeline-offsets.js';
import { isFinal, reportOf } from '../pipeline/run.js';
import type { RunStore } from '../pipeline/run-store.js';
import { streamOverview } from './event-stream.js';
import type { Feed } from './feed.js';
import { json, problem, type Reply, type Request } from './http.js';
import type { Route } from './route.js';
import type { RunFacts } from './run-facts.js';
import type { Sessions } from './sessions.js';
import type { FactsOf } from './table-facts.js';

export interface ApiOptions {
  readonly config: Config;
  readonly store: RunStore;
  readonly feed: Feed;
  readonly facts: FactsOf;
  readonly runFacts: () => Promise<RunFacts>;
  readonly sessions: Sessions;
  readonly isReadOnly: boolean;
  /** Redis failures as `unreachable`. */
  readonly asking: <T>(ask: () => Promise<T>) => Promise<T>;
}

const mostRuns = 200;

export function apiRoutes(options: ApiOptions): readonly Route[] {
  const { config, store, feed, facts, asking } = options;
  const get = (path: RegExp, handle: Route['handle']): Route => ({ method: 'GET', path, access: 'viewer', handle });
  return [
    get(/^\/api\/overview$/, async () => json(200, await feed.now())),
    get(/^\/api\/events$/, (request) => streamOverview(feed, options.sessions, request)),
    get(/^\/api\/(?:status|runs)$/, async ({ query }) => {
      const runs = await asking(async () => await store.list(limitOf(query)));
      return json(200, { runs: runs.map(reportOf) });
    }),
    get(/^\/api\/runs\/([\w.-]+)$/, async ({ caught: [runId = ''] }) => await oneRun(options, runId)),
    get(/^\/api\/pipelines$/, async () => {
      const all = await Promise.all(Object.keys(config.pipelines).map((name) => offsetsOf(config, facts, name)));
      return json(200, { pipelines: all.filter((one) => one !== null) });
    }),
    get(/^\/api\/checks$/, async () => json(200, checksOf(await asking(options.runFacts)))),
    {
      method: 'POST',
      path: /^\/api\/runs\/([\w.-]+)\/stop$/,
      access: 'owner',
      isChange: true,
      handle: async (request) => await stop(options, request),
    },
  ];
}

function limitOf(query: URLSearchParams): number {
  const text = query.get('limit') ?? '20';
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= mostRuns) return value;
  throw new EltError('usage', `limit: expected a number from 1 to ${mostRuns}, got "${text}".`);
}

async function oneRun({ store, asking }: ApiOptions, runId: string): Promise<Reply> {
  const stored = await asking(async () => await store.get(runId));
  if (stored === null) return problem(404, 'unknown-run', `Unknown run "${runId}".`, 'The runs there are: /api/runs');
  return json(200, { runs: [reportOf(stored.run)], log: await asking(async () => await store.log(runId)) });
}

/** As `elt offsets show -o json`. */
async function offsetsOf(config: Config, facts: FactsOf, pipeline: string): Promise<PipelineOffsets | null> {
  const { extract, transform } = config.pipelines[pipeline] ?? {};
  if (extract === undefined) return null;
  const found = await facts(pipeline).get();
  if (found.trinoProblem !== null) throw new EltError('unreachable', found.trinoProblem.message, { kind: 'external' });
  return pipelineOffsets({
    pipeline,
    topic: extract.topic,
    table: extract.table,
    raw: found.raw?.ledger ?? null,
    offsets: found.offsets,
    transform: transform === undefined ? null : { table: transform.table, silver: found.silver?.ledger ?? null },
  });
}

/** As `elt validate -o json`, from the verifications of runs, each with `at`: when; `passed` is null before the first. */
function checksOf({ stages: facts }: RunFacts) {
  const checks = [...facts.values()].flatMap(({ verdicts }) => verdicts?.checks ?? []);
  return { passed: checks.length === 0 ? null : checks.every(({ verdict }) => verdict === 'pass'), checks };
}

/** The same request as `elt stop`: graceful, and a second one changes nothing. */
async function stop({ store, isReadOnly, asking }: ApiOptions, { caught: [runId = ''] }: Request): Promise<Reply> {
  if (isReadOnly)
    return problem(403, 'read-only', 'The dashboard is read-only. Nothing was changed.', 'dashboard.readOnly: false');
  const stopRequestedAt = new Date().toISOString();
  const stored = await asking(
    async () =>
      await store.change(runId, (run) =>
        isFinal(run.state) || run.stopRequestedAt !== null ? null : { stopRequestedAt, calmSteps: 0 },
      ),
  );
  if (stored === null) return problem(404, 'unknown-run', `Unknown run "${runId}".`);
  return json(200, { runs: [reportOf(stored.run)] });
}
