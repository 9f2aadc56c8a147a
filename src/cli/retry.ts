import type { Argv } from 'yargs';
import { EltError, exitCodes } from '../commons/errors.js';
import type { RunFlags } from '../pipeline/plan.js';
import { isFinal, newRun, type Run, reportOf } from '../pipeline/run.js';
import type { CommandFactory } from './command.js';
import { confirm } from './confirm.js';
import type { CliContext, GlobalArguments } from './context.js';
import { follow, refuse } from './follow-run.js';
import { recoverMainClass } from './plan-recover.js';
import { type Runs, requireRun, withRuns } from './runs.js';

interface Arguments extends GlobalArguments {
  readonly run: string;
  readonly detach: boolean;
  readonly yes: boolean;
}

/** `elt retry RUN`: the plan of today with the flags of then. */
export const retryCommand: CommandFactory = (context) => ({
  command: 'retry <run>',
  describe: 'A new run with the stage, pipeline and flags of one that is over',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('run', { type: 'string', demandOption: true, describe: 'A run id from `elt status`' })
      .option('detach', { type: 'boolean', default: false, describe: 'Return once the driver is submitted' })
      .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask before a full refresh' })
      .example('$0 retry 20261122t163000-x7k2ab', 'planned anew from elt.yaml; it resumes where the table is'),
  handler: async (args: Arguments) => await withRuns(context, args, async (runs) => await retry(runs, args)),
});

async function retry(runs: Runs, args: Arguments): Promise<void> {
  const { context, services } = runs;
  const old = await requireRun(runs, args.run);
  if (!isFinal(old.state)) return refuseActive(context, old);
  const flags = flagsOf(old);
  await confirmRefresh(context, flags, args.yes);
  const planned = newRun({ ...services.plan(old.stage, old.pipeline, flags), origin: { by: 'retry', of: old.runId } });
  const created = await services.store.create(planned, { evidence: `elt retry ${old.runId}, which ${old.state}` });
  if (!created.isCreated) return refuse(runs, created.active);
  context.output.note(`${planned.runId} repeats ${old.runId} (${old.state}) with the configuration of today.`);
  await follow(runs, planned.runId, args);
}

/** What the run was started with, as its submission says. @throws EltError for a run that `elt run` cannot make */
export function flagsOf({ runId, mode, spec }: Run): RunFlags {
  if (spec.mainClass === recoverMainClass) {
    throw new EltError('usage', `${runId} recomputed a position; it is not repeated blindly.`, {
      hint: 'See what it would write now: elt offsets recover',
    });
  }
  const argument = JSON.parse(spec.args[0] ?? '{}') as Record<string, unknown>;
  return {
    drain: mode === 'drain',
    follow: mode === 'follow',
    fullRefresh: argument.fullRefresh === true,
    acceptNewTopic: argument.acceptNewTopic === true,
    acceptLoss: argument.acceptLoss === true,
  };
}

function refuseActive({ output, setExitCode }: CliContext, run: Run): void {
  if (output.isText) output.line(`${run.runId} ${run.state}`);
  else output.json(reportOf(run));
  const name = `${run.stage} ${run.pipeline}`;
  output.note(`${output.red('error:')} ${run.runId} is not over (${run.state}). Nothing was started.`);
  output.note(`Replace it: elt run ${name} --restart. Stop it first: elt stop ${name}`);
  setExitCode(exitCodes.alreadyRunning);
}

async function confirmRefresh(context: CliContext, { fullRefresh }: RunFlags, isConfirmed: boolean): Promise<void> {
  if (fullRefresh !== true || isConfirmed) return;
  if (await confirm(context, 'That was a full refresh: rebuild SILVER and rejects from all of RAW once more?')) return;
  throw new EltError('not-confirmed', 'Nothing was done: the full refresh was not confirmed.', {
    hint: 'To go on without being asked: --yes',
  });
}
