/** Puts together what commands about runs need, from the configuration. */
import { join } from 'node:path';
import type { Config } from '../commons/config.js';
import { lazy } from '../commons/lazy.js';
import type { ReleaseStack } from '../commons/lifecycle.js';
import type { Logger } from '../commons/logger.js';
import { type Metrics, noMetrics, statsdMetrics } from '../commons/metrics.js';
import { extractStage } from '../extract/stage.js';
import { maintainStage } from '../maintain/stage.js';
import { specProblem } from '../pipeline/accept-spec.js';
import { Continuity } from '../pipeline/continuity.js';
import { redisVerdicts } from '../pipeline/last-verdicts.js';
import { reconciler } from '../pipeline/reconcile.js';
import { connectRedis } from '../pipeline/redis.js';
import { isFullRefresh, type Stage } from '../pipeline/run.js';
import type { RunServices } from '../pipeline/run-services.js';
import { RunStore } from '../pipeline/run-store.js';
import { ScheduleStore } from '../pipeline/schedule-store.js';
import type { StageDefinition } from '../pipeline/stage.js';
import { redisBaselines } from '../pipeline/verified-baseline.js';
import { restSubmitter } from '../spark/spark-rest.js';
import { sparkSubmitClusterSubmitter } from '../spark/spark-submit.js';
import { sparkSubmitClientSubmitter } from '../spark/spark-submit-client.js';
import { codeProperties, submissionSpec } from '../spark/submission.js';
import type { Submitter, SubmitterName } from '../spark/submitter.js';
import { transformStage } from '../transform/stage.js';
import type { TrinoClient } from '../trino/client.js';
import type { CliContext } from './context.js';
import { mainClasses, planStage } from './stage-plans.js';
import { stagesUnderCheck } from './stages-under-check.js';
import { submitterName } from './submitter-name.js';

/** Everything about runs. @throws EltError `unreachable` when Redis is down */
export async function openServices(
  context: CliContext,
  config: Config,
  logger: Logger,
  releases: ReleaseStack,
): Promise<RunServices> {
  const redis = releases.push('Redis', await connectRedis(config.redis.url), (one) => one.disconnect());
  const trino = releases.push('Trino', trinoOnDemand(config), (one) => one.close());
  const baselines = redisBaselines(redis, config.redis.prefix, config.catalog.name);
  const verifications = { ...baselines, ...redisVerdicts(redis, config.redis.prefix) };
  const store = new RunStore(redis, config.redis.prefix);
  const refreshSince = async (pipeline: string) => {
    const active = await store.active('transform', pipeline);
    return active !== null && isFullRefresh(active) ? (active.startedAt ?? active.requestedAt) : null;
  };
  const definitions: Record<Stage, StageDefinition> = {
    extract: extractStage(config, trino, verifications),
    transform: transformStage(config, trino, verifications),
    maintain: maintainStage((pipeline) => stagesUnderCheck(config, pipeline), trino, verifications, refreshSince),
  };
  const submitters = openSubmitters(config, context.env);
  const now = () => new Date();
  const reconcile = reconciler({
    store,
    continuity: new Continuity(redis, config.redis.prefix),
    submitters: waysToStart(config).map((name) => submitters[name]),
    owner: config.redis.prefix,
    isDeclared: (stage, pipeline) => config.pipelines[pipeline]?.[stage as 'extract'] !== undefined,
    specOf: (request) => submissionSpec(config, request),
    logger,
    now,
  });
  return {
    store,
    reconcile,
    stage: (stage) => definitions[stage],
    plan: (stage, pipeline, flags, runId) => planStage(config, stage, pipeline, flags, new Date(), runId),
    refusal: (run) => specProblem(run, { ...codeProperties(config), mainClasses: mainClasses[run.stage] }),
    schedules: new ScheduleStore(redis, config.redis.prefix),
    submitter: (name) => submitters[name],
    workerTimeoutMs: config.spark.workerTimeout,
    logger,
    metrics: openMetrics(config, logger, releases),
    now,
  };
}

/** Where drivers of ours may live: in the cluster, and in client mode on this host. */
function waysToStart(config: Config): readonly SubmitterName[] {
  const name = submitterName(config);
  return [name === 'spark-submit-client' ? 'rest' : name, 'spark-submit-client'];
}

/** Where measurements go; what nobody listens to is lost, and that is all that happens. */
function openMetrics({ metrics: { statsd } }: Config, logger: Logger, releases: ReleaseStack): Metrics {
  if (statsd === undefined) return noMetrics;
  const onTrouble = (err: Error) => logger.warn({ err, statsd }, 'metrics cannot be sent; runs go on without them');
  return releases.push('metrics', statsdMetrics(statsd, onTrouble), (one) => one.close()).metrics;
}

const trinoClient = lazy(() => import('../trino/client.js'));

/** The Trino client, loaded with the first query: commands that only look at runs start quicker without it. */
export function trinoOnDemand(config: Config): TrinoClient {
  let client: Promise<TrinoClient> | undefined;
  const open = () => {
    client ??= trinoClient().then(({ openTrino }) => openTrino(config.trino));
    return client;
  };
  return {
    address: config.trino.url,
    catalog: config.trino.catalog,
    query: async (sql, options) => await (await open()).query(sql, options),
    close: async () => await (await client)?.close(),
  };
}

function openSubmitters({ spark, stackDir }: Config, env: CliContext['env']): Record<SubmitterName, Submitter> {
  const { home, rest, ui, masters } = spark;
  return {
    rest: restSubmitter({ rest, ui }),
    'spark-submit-cluster': sparkSubmitClusterSubmitter({ home, rest, ui, env }),
    'spark-submit-client': sparkSubmitClientSubmitter({ home, masters, ui, env, folder: join(stackDir, 'drivers') }),
  };
}
