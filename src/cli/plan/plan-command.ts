import type { Argv } from 'yargs';
import { type DataStage, dataStages, type NewRun, type Run } from '../../pipeline/run.js';
import { phase } from '../../pipeline/run-phase.js';
import { openTrino } from '../../trino/client.js';
import type { CommandFactory } from '../command.js';
import type { GlobalArguments } from '../context.js';
import { choosePipeline } from '../plan-run.js';
import { type Runs, withRuns } from '../runs.js';
import { readSchedules } from '../schedule-lines.js';
import { planStage } from '../stage-plans.js';
import { extractReading } from './extract-reading.js';
import {
  type ActiveRun,
  exitCodeOfPlan,
  isActiveObstacle,
  type Obstacle,
  obstacleOf,
  type PlanReport,
} from './report.js';
import { showPlanReport } from './show.js';
import { sparkObstacles } from './spark-obstacles.js';
import { transformReading } from './transform-reading.js';

interface Arguments extends GlobalArguments {
  readonly stage: DataStage;
  readonly pipeline?: string;
  readonly restart: boolean;
  readonly fullRefresh: boolean;
}

/** `elt plan STAGE [pipeline]`: asks everybody, changes nothing. */
export const planCommand: CommandFactory = (context) => ({
  command: 'plan <stage> [pipeline]',
  describe: 'What a run would do now, and what stands in its way; changes nothing',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('stage', { choices: dataStages, demandOption: true, describe: 'What to plan' })
      .positional('pipeline', { type: 'string', describe: 'default: the only one declared' })
      .option('restart', { type: 'boolean', default: false, describe: 'As elt run --restart would do it' })
      .option('full-refresh', { type: 'boolean', default: false, describe: 'transform: as elt run --full-refresh' })
      .example('$0 plan transform --restart', 'active run, resume position, rows to read, obstacles')
      .example(
        '$0 plan extract -o json',
        'exit 0: go; 4: a run is active; 5: somebody cannot be reached; 2: to correct',
      ),
  handler: async (args: Arguments) =>
    await withRuns(context, args, async (runs) => {
      const report = await planReport(runs, args);
      if (context.output.isText) showPlanReport(context.output, report, new Date());
      else context.output.json(report);
      context.setExitCode(exitCodeOfPlan(report.obstacles));
    }),
});

async function planReport(runs: Runs, { stage, pipeline: name, restart, fullRefresh }: Arguments): Promise<PlanReport> {
  const { config, services, context } = runs;
  const pipeline = choosePipeline(config, stage, name);
  const planned = plannedOr(() => planStage(config, stage, pipeline, { fullRefresh }, new Date()));
  const trino = openTrino(config.trino, { signal: context.signal });
  try {
    const [active, schedules, reading, spark] = await Promise.all([
      services.store.active(stage, pipeline),
      readSchedules(services.schedules, config),
      stage === 'extract'
        ? extractReading(config, trino, pipeline)
        : transformReading(config, trino, pipeline, fullRefresh),
      sparkObstacles(config, context.signal),
    ]);
    const shown = active === null ? null : activeRun(active);
    const isInTheWay = shown !== null && !restart ? [isActiveObstacle(`${stage} ${pipeline}`, shown)] : [];
    const run = 'run' in planned ? planned.run : null;
    const { obstacles, ...read } = reading;
    return {
      stage,
      pipeline,
      restart,
      fullRefresh,
      active: shown,
      ...read,
      schedule: schedules.find((one) => one.stage === stage && one.pipeline === pipeline) ?? null,
      plan: run === null ? null : { mode: run.mode, table: run.table, submitter: run.submitter },
      submission: run === null ? null : submissionInShort(runs, run),
      obstacles: [...isInTheWay, ...('obstacle' in planned ? [planned.obstacle] : []), ...obstacles, ...spark],
    };
  } finally {
    await trino.close();
  }
}

function plannedOr(plan: () => NewRun): { readonly run: NewRun } | { readonly obstacle: Obstacle } {
  try {
    return { run: plan() };
  } catch (error) {
    return { obstacle: obstacleOf(error) };
  }
}

function activeRun(run: Run): ActiveRun {
  const { runId, state, mode, submissionId, driverState, startedAt, notice, progress } = run;
  return { runId, state, phase: phase(run), mode, submissionId, driverState, rows: progress.rows, startedAt, notice };
}

function submissionInShort({ config: { spark } }: Runs, { spec }: NewRun): PlanReport['submission'] {
  const { mainClass, jar, args } = spec;
  return {
    mainClass,
    jar,
    cores: spark.driver.cores + spark.coresMax,
    argumentBytes: Buffer.byteLength(args[0] ?? ''),
  };
}
