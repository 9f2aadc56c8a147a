import type { Argv } from 'yargs';
import { exitCodes } from '../commons/errors.js';
import { isFinal, isSettled, newRun, type Run, reportOf } from '../pipeline/run.js';
import { attach } from './attach.js';
import type { CommandFactory } from './command.js';
import type { GlobalArguments } from './context.js';
import { maintenanceLines } from './maintenance-lines.js';
import { planMaintain } from './plan-maintain.js';
import { choosePipeline } from './plan-run.js';
import { summaryLines } from './progress-lines.js';
import { RunDisplay } from './run-display.js';
import { exitCodeOf, type Runs, withRuns } from './runs.js';

interface Arguments extends GlobalArguments {
  readonly pipeline?: string;
  readonly dryRun: boolean;
  readonly detach: boolean;
}

/** `elt maintain [pipeline]`. */
export const maintainCommand: CommandFactory = (context) => ({
  command: 'maintain [pipeline]',
  describe: 'Keep tables quick: expire snapshots, compact files, merge manifests, remove orphan files',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('pipeline', { type: 'string', describe: 'default: the only one declared' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'A driver that plans and changes no table' })
      .option('detach', { type: 'boolean', default: false, describe: 'Return once the driver is submitted' })
      .example('$0 maintain --dry-run', 'what would expire and why the rest stays, what would be compacted and removed')
      .example('$0 maintain', 'beside running drivers; by itself with pipelines.NAME.maintain.schedule'),
  handler: async (args: Arguments) => await withRuns(context, args, async (runs) => await maintain(runs, args)),
});

async function maintain(runs: Runs, args: Arguments): Promise<void> {
  const { context, config, services } = runs;
  const { output, signal } = context;
  const pipeline = choosePipeline(config, 'maintain', args.pipeline);
  const planned = newRun(planMaintain(config, pipeline, args.dryRun, new Date()));
  const created = await services.store.create(planned);
  if (!created.isCreated) return refuse(runs, created.active);
  const display = new RunDisplay(output);
  const isDone = args.detach ? (one: Run) => one.submissionId !== null || isFinal(one.state) : isSettled;
  const onChange = (one: Run) => display.update(one);
  const seen = await attach(runs, planned.runId, isDone, onChange, signal).finally(() => display.close());
  show(runs, seen.run);
  if (isSettled(seen.run)) return context.setExitCode(exitCodeOf(seen.run));
  output.note(
    `Detached: ${seen.run.runId} goes on. See: elt status ${seen.run.runId}. Stop it: elt stop maintain ${pipeline}`,
  );
  if (!seen.isDone) {
    context.setExitCode(signal.reason === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted);
  }
}

function show({ context: { output } }: Runs, run: Run): void {
  if (output.format === 'json') output.json({ ...reportOf(run), maintenance: run.progress.maintenance ?? [] });
  if (output.isText && isFinal(run.state)) for (const line of summaryLines(run)) output.line(line);
  if (output.isText && isFinal(run.state)) for (const line of maintenanceLines(run)) output.line(line);
  if (output.isText && !isFinal(run.state)) output.line(`${run.runId} ${run.state}`);
  if (run.error !== null) output.note(`${output.red('error:')} ${run.error.message} (${run.error.code})`);
}

function refuse({ context }: Runs, active: Run): void {
  const { output } = context;
  if (output.isText) output.line(`${active.runId} ${active.state}`);
  else output.json({ ...reportOf(active), maintenance: active.progress.maintenance ?? [] });
  output.note(
    `${output.red('error:')} maintain ${active.pipeline} is running already: ${active.runId} (${active.state}). Nothing was started.`,
  );
  context.setExitCode(exitCodes.alreadyRunning);
}
