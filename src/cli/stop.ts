import type { Argv } from 'yargs';
import { exitCodes } from '../commons/errors.js';
import { isFinal, type Run, reportOf, type Stage, stages } from '../pipeline/run.js';
import type { CommandFactory } from './command.js';
import type { GlobalArguments } from './context.js';
import { choosePipeline } from './plan-run.js';
import { summaryLines } from './progress-lines.js';
import { type Runs, requireRun, withRuns } from './runs.js';
import { killRun, stopRun } from './stop-run.js';

interface StopArguments extends GlobalArguments {
  readonly stage: Stage;
  readonly pipeline?: string;
}

/** `elt stop STAGE [pipeline]`. */
export const stopCommand: CommandFactory = (context) => ({
  command: 'stop <stage> [pipeline]',
  describe: 'Stop the active run of a stage gracefully: the batch in hand is finished or left out',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('stage', { choices: stages, demandOption: true, describe: 'Whose run' })
      .positional('pipeline', { type: 'string', describe: 'default: the only one declared' })
      .example('$0 stop extract', 'returns when the run has ended; nothing to stop is fine too'),
  handler: async (args: StopArguments) =>
    await withRuns(context, args, async (runs) => {
      const pipeline = choosePipeline(runs.config, args.stage, args.pipeline);
      const active = await runs.services.store.active(args.stage, pipeline);
      if (active === null) return nothingToStop(runs, args.stage, pipeline);
      show(runs, await stopRun(runs, active.runId));
    }),
});

/** `elt kill RUN`. */
export const killCommand: CommandFactory = (context) => ({
  command: 'kill <run>',
  describe: 'End a run hard; what it had committed stays, and the next run goes on from there',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('run', { type: 'string', demandOption: true, describe: 'A run id from `elt status`' })
      .example('$0 kill 20261122t163000-x7k2ab', 'SIGKILL in client mode; in cluster mode Spark kills after 60 s'),
  handler: async (args: GlobalArguments & { readonly run: string }) =>
    await withRuns(context, args, async (runs) => {
      const run = await requireRun(runs, args.run);
      show(runs, isFinal(run.state) ? run : await killRun(runs, run.runId));
    }),
});

function nothingToStop({ context: { output } }: Runs, stage: Stage, pipeline: string): void {
  if (!output.isText) output.json({ runs: [] });
  output.note(`No run of ${stage} ${pipeline} is active.`);
}

function show({ context }: Runs, run: Run): void {
  const { output, signal } = context;
  if (!output.isText) output.json({ runs: [reportOf(run)] });
  else if (isFinal(run.state)) for (const line of summaryLines(run)) output.line(line);
  if (isFinal(run.state)) return;
  output.note(`${run.runId} is still ${run.state}; its end was requested and will come.`);
  context.setExitCode(signal.reason === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted);
}
