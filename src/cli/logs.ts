import type { Argv } from 'yargs';
import { EltError } from '../commons/errors.js';
import { sleep } from '../commons/retry.js';
import { isFinal, type Run } from '../pipeline/run.js';
import type { LogStream } from '../spark/submitter.js';
import type { CommandFactory } from './command.js';
import type { GlobalArguments } from './context.js';
import { type Runs, requireRun, withRuns } from './runs.js';

interface Arguments extends GlobalArguments {
  readonly run: string;
  readonly follow: boolean;
  readonly stdout: boolean;
}

/** `elt logs RUN`: the driver's own log, wherever it runs. */
export const logsCommand: CommandFactory = (context) => ({
  command: 'logs <run>',
  describe: "The log of a run's driver",
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('run', { type: 'string', demandOption: true, describe: 'A run id from `elt status`' })
      .option('follow', { alias: 'f', type: 'boolean', default: false, describe: 'Go on until the run ends' })
      .option('stdout', {
        type: 'boolean',
        default: false,
        describe: 'Its events (stdout) rather than its log (stderr)',
      })
      .example('$0 logs 20261122t163000-x7k2ab', 'what the driver logged')
      .example('$0 logs 20261122t163000-x7k2ab --stdout -f', 'its commits as they happen, one JSON object per line'),
  handler: async (args: Arguments) =>
    await withRuns(context, args, async (runs) => {
      const run = await requireRun(runs, args.run);
      await print(runs, run, args.stdout ? 'stdout' : 'stderr', args.follow);
    }),
});

async function print(runs: Runs, first: Run, stream: LogStream, isFollowing: boolean): Promise<void> {
  const { context, services } = runs;
  let offset = 0;
  for (let run = first; ; run = await requireRun(runs, first.runId)) {
    const isLast = !isFollowing || isFinal(run.state);
    const address = await addressOf(runs, run);
    if (address === null && isLast) throw noLog(run);
    while (address !== null) {
      const submissionId = run.submissionId as string;
      const chunk = await services
        .submitter(run.submitter)
        .readLog(address, submissionId, stream, offset, context.signal);
      if (!chunk.isAvailable) {
        if (isLast) throw unavailable(run, chunk.detail);
        break;
      }
      context.output.stdout.write(chunk.bytes.toString('utf8'));
      offset = chunk.nextOffset;
      if (offset >= chunk.totalBytes) break;
    }
    if (isLast || context.signal.aborted) return;
    await sleep(500, context.signal);
  }
}

async function addressOf({ services, context }: Runs, run: Run): Promise<string | null> {
  if (run.submissionId === null) return null;
  if (run.logAddress !== null) return run.logAddress;
  const submitter = services.submitter(run.submitter);
  const status = await submitter.status(run.submissionId, context.signal);
  return await submitter.logAddress(run.submissionId, status, context.signal);
}

function noLog(run: Run): EltError {
  const why = run.submissionId === null ? 'no driver was submitted' : 'its driver has not started on a Spark worker';
  return new EltError('no-log', `Run ${run.runId} has no log: ${why}.`, {
    hint: `What it waits for: elt status ${run.runId}`,
  });
}

function unavailable(run: Run, detail: string): EltError {
  return new EltError('unreachable', `The log of run ${run.runId} cannot be read: ${detail}`, {
    kind: 'external',
    hint: 'It is kept by the Spark worker that ran the driver, in its work folder.',
  });
}
