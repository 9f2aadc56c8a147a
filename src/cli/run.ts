import type { Argv } from 'yargs';
import type { Config } from '../commons/config.js';
import { EltError } from '../commons/errors.js';
import type { RunFlags } from '../pipeline/plan.js';
import { type DataStage, dataStages, isFinal, newRun, type Run } from '../pipeline/run.js';
import { stopOutcomeText } from '../pipeline/stop-outcome.js';
import type { CommandFactory } from './command.js';
import { confirm } from './confirm.js';
import type { CliContext, GlobalArguments } from './context.js';
import { showPlan } from './dry-run.js';
import { follow, interrupted, refuse, waitFor } from './follow-run.js';
import { choosePipeline, planRun } from './plan-run.js';
import { type Runs, withRuns } from './runs.js';
import { stopRun } from './stop-run.js';

interface Arguments extends GlobalArguments, RunFlags {
  readonly stage: DataStage;
  readonly pipeline?: string;
  readonly restart: boolean;
  readonly detach: boolean;
  readonly attach?: boolean;
  readonly wait?: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly submitter?: string;
}

/** `elt run extract|transform [pipeline]`. */
export const runCommand: CommandFactory = (context) => ({
  command: 'run <stage> [pipeline]',
  describe: 'Run a stage: Kafka → RAW (extract) or RAW → SILVER (transform)',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('stage', { choices: dataStages, demandOption: true, describe: 'What to run' })
      .positional('pipeline', { type: 'string', describe: 'default: the only one declared' })
      .option('drain', { type: 'boolean', describe: 'End when everything that is there now has been read' })
      .option('follow', { type: 'boolean', describe: 'Go on until stopped' })
      .conflicts('drain', 'follow')
      .option('restart', { type: 'boolean', default: false, describe: 'Stop the active run of this stage first' })
      .option('wait', { type: 'boolean', describe: 'Wait for the end of the active run first' })
      .conflicts('wait', 'attach')
      .option('attach', { type: 'boolean', describe: 'Follow the active run if there is one' })
      .option('detach', { type: 'boolean', default: false, describe: 'Return once the driver is submitted' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Print the submission and do nothing' })
      .option('submitter', { choices: ['rest', 'spark-submit'] as const, describe: 'How drivers are submitted' })
      .option('full-refresh', { type: 'boolean', describe: 'transform: rebuild SILVER and rejects from all of RAW' })
      .option('accept-new-topic', { type: 'boolean', describe: 'extract: go on with a topic that was created again' })
      .option('accept-loss', { type: 'boolean', describe: 'extract: go on although records were deleted unread' })
      .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask before --full-refresh' })
      .example('$0 run extract', 'follow the topic of the only pipeline; Ctrl-C leaves it running')
      .example('$0 run transform numbers --drain -o json', 'one document with what was done, exit code by outcome')
      .example('$0 run extract --restart --detach', 'stop, resume, return')
      .example('$0 run extract --dry-run', 'the submission, and nothing else'),
  handler: async (args: Arguments) => {
    const flags = { 'spark.submitter': args.submitter };
    if (args.dryRun) {
      const config = await context.loadConfig(args, flags);
      showPlan(context, config, plan(config, args));
      return;
    }
    await confirmRefresh(context, args);
    await withRuns(context, args, async (runs) => await run(runs, args), { flags });
  },
});

function plan(config: Config, args: Arguments) {
  return planRun(config, args.stage, choosePipeline(config, args.stage, args.pipeline), args, new Date());
}

async function run(runs: Runs, args: Arguments): Promise<void> {
  const { store } = runs.services;
  let replaced: Run | null = null;
  for (;;) {
    const planned = newRun(plan(runs.config, args));
    await runs.services.reconcile(runs.context.signal);
    const created = await store.create(planned);
    if (created.isCreated)
      return await follow(runs, planned.runId, { detach: args.detach, ...(args.restart && { replaced }) });
    if (args.wait) {
      if (!(await waitFor(runs, created.active))) return;
      continue;
    }
    if (args.attach) return await follow(runs, created.active.runId, args);
    if (!args.restart) return refuse(runs, created.active);
    const stopped = await stopRun(runs, created.active.runId);
    if (!isFinal(stopped.state)) return interrupted(runs, stopped, true);
    replaced = stopped;
    runs.context.output.note(`${stopped.runId} ${stopOutcomeText(stopped) ?? stopped.state}; starting anew.`);
  }
}

async function confirmRefresh(context: CliContext, { fullRefresh, yes, stage }: Arguments): Promise<void> {
  if (!fullRefresh || yes || stage !== 'transform') return;
  const question = 'Rebuild SILVER and rejects from all of RAW and replace their contents?';
  if (await confirm(context, question)) return;
  throw new EltError('not-confirmed', 'Nothing was done: --full-refresh was not confirmed.', {
    hint: 'To go on without being asked: --yes',
  });
}
