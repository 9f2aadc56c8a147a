import type { Argv } from 'yargs';
import type { Config } from '../commons/config.js';
import { EltError, exitCodes } from '../commons/errors.js';
import type { RunFlags } from '../pipeline/plan.js';
import { type DataStage, dataStages, isFinal, isSettled, newRun, type Run, reportOf } from '../pipeline/run.js';
import { stopOutcomeText } from '../pipeline/stop-outcome.js';
import { attach } from './attach.js';
import type { CommandFactory } from './command.js';
import { confirm } from './confirm.js';
import type { CliContext, GlobalArguments } from './context.js';
import { showPlan } from './dry-run.js';
import { choosePipeline, planRun } from './plan-run.js';
import { summaryLines } from './progress-lines.js';
import { restartLine, restartReport } from './restart-lines.js';
import { RunDisplay } from './run-display.js';
import { exitCodeOf, type Runs, withRuns } from './runs.js';
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
      if (!(await waitFor(runs, created.active, args))) return;
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

/** How to stay with a run. `replaced`: with `--restart`, the run that was stopped for it, if there was one. */
interface FollowOptions {
  readonly detach: boolean;
  readonly replaced?: Run | null;
}

/** Waits for the end of a run that somebody else asked for; false when the signal came first. */
async function waitFor(runs: Runs, active: Run, args: Arguments): Promise<boolean> {
  const { context } = runs;
  if (active.mode === 'follow') {
    throw new EltError(
      'usage',
      `${active.runId} follows: it goes on until it is stopped, so waiting would never end.`,
      {
        hint: `Replace it: elt run ${args.stage} ${active.pipeline} --restart`,
      },
    );
  }
  context.output.note(`Waiting for ${active.runId}, which is active.`);
  const seen = await attach(
    runs,
    active.runId,
    (one) => isFinal(one.state),
    () => {},
    context.signal,
  );
  if (!seen.isDone) interrupted(runs, seen.run, seen.hasWorker);
  return seen.isDone;
}

/** Stays with the run until it is over, or until its driver is submitted with `--detach`. */
export async function follow(runs: Runs, runId: string, options: FollowOptions): Promise<void> {
  const { context } = runs;
  const { output, signal } = context;
  const display = new RunDisplay(output);
  const isDone = options.detach ? (one: Run) => one.submissionId !== null || isFinal(one.state) : isSettled;
  const seen = await attach(runs, runId, isDone, (one) => display.update(one), signal).finally(() => display.close());
  if (!seen.isDone) return interrupted(runs, seen.run, seen.hasWorker);
  show(runs, seen.run, options.replaced);
  if (!isFinal(seen.run.state)) explainDetached(runs, seen.run, seen.hasWorker);
  else context.setExitCode(exitCodeOf(seen.run));
}

function show({ context }: Runs, one: Run, replaced?: Run | null): void {
  const { output } = context;
  const restarted =
    replaced === undefined ? {} : { restarted: replaced === null ? null : restartReport(replaced, one) };
  if (output.format === 'json') output.json({ ...reportOf(one), ...restarted });
  if (output.isText && isFinal(one.state)) for (const line of summaryLines(one)) output.line(line);
  if (output.isText && !isFinal(one.state)) output.line(`${one.runId} ${one.state}`);
  if (output.isText && replaced) output.line(restartLine(replaced, one));
  if (one.error === null) return;
  output.note(`${output.red('error:')} ${one.error.message} (${one.error.code})`);
  if (one.submissionId !== null) output.note(`The driver's own log: elt logs ${one.runId}`);
}

/** Ctrl-C: the run goes on. */
function interrupted(runs: Runs, one: Run, hasWorker: boolean): void {
  show(runs, one);
  explainDetached(runs, one, hasWorker);
  runs.context.setExitCode(runs.context.signal.reason === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted);
}

function explainDetached({ context }: Runs, one: Run, hasWorker: boolean): void {
  const { output } = context;
  const name = `${one.stage} ${one.pipeline}`;
  output.note(`Detached: ${one.runId} goes on. Follow it: elt run ${name} --attach. Stop it: elt stop ${name}`);
  if (hasWorker) return;
  const what =
    one.submissionId === null ? 'it is submitted when one is' : 'its driver goes on, but nobody looks after it';
  output.note(output.yellow(`No elt worker is alive: ${what}. Start one: elt worker`));
}

export function refuse({ context }: Runs, active: Run): void {
  const { output } = context;
  if (output.isText) output.line(`${active.runId} ${active.state}`);
  else output.json(reportOf(active));
  const name = `${active.stage} ${active.pipeline}`;
  output.note(
    `${output.red('error:')} ${name} is running already: ${active.runId} (${active.state}). Nothing was started.`,
  );
  if (active.origin?.by === 'schedule') {
    output.note(
      `It was started by the schedule at ${active.requestedAt.slice(11, 19)} UTC and ends when it has read what was there then.`,
    );
    output.note(`Wait for it and run after it: elt run ${name} --wait. No scheduled runs for now: elt pause ${name}`);
  }
  output.note(`Follow it: elt run ${name} --attach. Replace it: elt run ${name} --restart. Stop it: elt stop ${name}`);
  context.setExitCode(exitCodes.alreadyRunning);
}

async function confirmRefresh(context: CliContext, { fullRefresh, yes, stage }: Arguments): Promise<void> {
  if (!fullRefresh || yes || stage !== 'transform') return;
  const question = 'Rebuild SILVER and rejects from all of RAW and replace their contents?';
  if (await confirm(context, question)) return;
  throw new EltError('not-confirmed', 'Nothing was done: --full-refresh was not confirmed.', {
    hint: 'To go on without being asked: --yes',
  });
}
