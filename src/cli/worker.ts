import type { Argv } from 'yargs';
import { EltError } from '../commons/errors.js';
import { loadAll } from '../commons/lazy.js';
import type { MetricsCollector } from '../pipeline/collect-metrics.js';
import { connectRedis } from '../pipeline/redis.js';
import { type Stage, stages } from '../pipeline/run.js';
import { declaredSchedules } from '../pipeline/schedule.js';
import { Schedules } from '../pipeline/schedules.js';
import { StageWorker } from '../pipeline/stage-worker.js';
import { queueAddress } from './attach.js';
import type { CommandFactory } from './command.js';
import type { GlobalArguments } from './context.js';
import { type Runs, withRuns } from './runs.js';

interface Arguments extends GlobalArguments {
  readonly stages?: readonly string[];
}

/** Steps in hand have 5 s (`StageWorker.close`); a Redis that does not answer must not hold the process for longer than this. */
const leaveWithinMs = 7_000;

/** `elt worker [stages…]`. */
export const workerCommand: CommandFactory = (context) => ({
  command: 'worker [stages..]',
  describe: 'Serve the queues: look after runs until told to stop',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('stages', { type: 'string', array: true, describe: `default: ${stages.join(' ')}` })
      .example('$0 worker', 'one worker for all stages; any number may run, on any host')
      .example('$0 worker extract', 'only EXTRACT'),
  handler: async (args: Arguments) => {
    const served = stagesOf(args);
    await withRuns(context, args, async (runs) => await serve(runs, served), { isLongLived: true });
  },
});

function stagesOf({ stages: names = [] }: Arguments): readonly Stage[] {
  const unknown = names.find((name) => !(stages as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new EltError('usage', `Unknown stage "${unknown}"; expected one of ${stages.join(', ')}.`);
  }
  return names.length === 0 ? stages : stages.filter((stage) => names.includes(stage));
}

/** SIGTERM and Ctrl-C end it in seconds; drivers go on, and another worker takes over. */
async function serve(runs: Runs, served: readonly Stage[]): Promise<void> {
  const { signal } = runs.context;
  const { services, config, logger } = runs;
  await loadAll();
  const schedules = new Schedules(services.schedules, declaredSchedules(config.pipelines), logger);
  const collector = await startCollector(runs);
  const workers = served.map((stage) => new StageWorker(stage, queueAddress(runs), services, schedules));
  runs.logger.info({ stages: served }, 'elt worker serves');
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  runs.logger.info('elt worker stops; drivers go on');
  runs.context.leaveWithin(leaveWithinMs);
  await Promise.all([...workers, ...collector].map((one) => one.close()));
}

/** Measures what no event tells, where anybody listens. */
async function startCollector({ config, services, logger, releases }: Runs): Promise<readonly MetricsCollector[]> {
  if (config.metrics.statsd === undefined) return [];
  const { MetricsCollector } = await import('../pipeline/collect-metrics.js');
  const { openTrino } = await import('../trino/client.js');
  const redis = releases.push('Redis', await connectRedis(config.redis.url), (one) => one.disconnect());
  const trino = releases.push('Trino', openTrino(config.trino), (one) => one.close());
  const { store, metrics } = services;
  const queues = { url: config.redis.url, prefix: config.redis.prefix };
  return [new MetricsCollector({ config, trino, metrics, logger, redis, store, queues })];
}
