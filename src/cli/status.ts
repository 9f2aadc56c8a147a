import type { Argv } from 'yargs';
import { EltError } from '../commons/errors.js';
import { isFinal, type Run, reportOf, type Stage } from '../pipeline/run.js';
import type { RunLogEntry } from '../pipeline/run-log.js';
import { phase } from '../pipeline/run-phase.js';
import type { CommandFactory } from './command.js';
import type { GlobalArguments } from './context.js';
import { logLines } from './log-lines.js';
import type { Output } from './output.js';
import { count, summaryLines, verifiedText } from './progress-lines.js';
import { type Runs, requireRun, withRuns } from './runs.js';
import { readSchedules, showSchedules } from './schedule-lines.js';
import { tableLines } from './table.js';

interface Arguments extends GlobalArguments {
  readonly run?: string;
  readonly limit: string;
}

/** `elt status [run]`: what Redis knows, at once. */
export const statusCommand: CommandFactory = (context) => ({
  command: 'status [run]',
  describe: 'Runs and how far they are, the newest first',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('run', { type: 'string', describe: 'A run id, for everything about one run' })
      .option('limit', {
        alias: 'n',
        type: 'string',
        default: '20',
        describe: 'How many runs; those that go on are shown in any case',
      })
      .example('$0 status', 'a table of the newest runs')
      .example('$0 status -o json', '{"runs": […], "schedules": […]} for scripts'),
  handler: async (args: Arguments) => {
    const limit = limitOf(args);
    await withRuns(context, args, async (runs) => {
      if (args.run === undefined) return await showAll(runs, limit);
      const run = await requireRun(runs, args.run);
      const log = await runs.services.store.log(args.run);
      if (!context.output.isText) context.output.json({ runs: [reportOf(run)], log });
      else showOne(context.output, run, log);
      await warnWithoutWorker(runs, [run]);
    });
  },
});

async function showAll(runs: Runs, limit: number): Promise<void> {
  const { output } = runs.context;
  const list = await runs.services.store.list(limit);
  const schedules = await readSchedules(runs.services.schedules, runs.config);
  if (!output.isText) output.json({ runs: list.map(reportOf), schedules });
  else {
    showTable(output, list);
    if (list.length > 0 && schedules.length > 0) output.line();
    showSchedules(output, schedules, new Date());
  }
  await warnWithoutWorker(runs, list);
}

function limitOf({ limit }: Arguments): number {
  const value = Number(limit);
  if (Number.isInteger(value) && value > 0) return value;
  throw new EltError('usage', `--limit: expected a number from 1, got "${limit}".`);
}

function showTable(output: Output, list: readonly Run[]): void {
  if (list.length === 0) {
    output.note('No run yet. The first one: elt run extract');
    return;
  }
  const right = { align: 'right' as const };
  const columns = [
    { heading: 'RUN' },
    { heading: 'STAGE' },
    { heading: 'PIPELINE' },
    { heading: 'STATE' },
    { heading: 'ROWS', ...right },
    { heading: 'REJECTS', ...right },
    { heading: 'LAG', ...right },
    { heading: 'STARTED' },
    { heading: 'VERIFIED' },
  ];
  const number = (value: number | null) => (value === null ? '-' : count(value));
  const rows = list.map((run) => [
    run.runId,
    run.stage,
    run.pipeline,
    paintedState(output, run),
    number(run.progress.rows),
    number(run.progress.rejects),
    number(run.progress.lag),
    run.startedAt?.slice(0, 19).concat('Z') ?? '-',
    run.verified === null ? '-' : run.verified === true ? 'yes' : run.verified === false ? output.red('NO') : 'unknown',
  ]);
  for (const line of tableLines(columns, rows)) output.line(line);
  for (const run of list) if (!isFinal(run.state) && run.notice !== null) output.note(`${run.runId}: ${run.notice}`);
}

function showOne(output: Output, run: Run, log: readonly RunLogEntry[]): void {
  const facts: [string, string | null][] = [
    ['asked by', askedBy(run)],
    ['mode', run.mode],
    ['table', run.table],
    ['submitter', run.submitter],
    ['driver state', run.driverState],
    ['attempt', String(run.attempt)],
    ['requested', run.requestedAt],
    ['started', run.startedAt],
    ['last commit', run.progress.lastCommitAt],
    ['ended', run.endedAt],
    ['from', run.progress.startPosition === null ? null : JSON.stringify(run.progress.startPosition)],
    ['to', run.progress.endPosition === null ? null : JSON.stringify(run.progress.endPosition)],
    ['waits for', isFinal(run.state) ? null : (run.notice ?? run.progress.waiting)],
    ['error', run.error === null ? null : `${run.error.message} (${run.error.code})`],
  ];
  const [first, ...rest] = summaryLines(run).filter((line) => verifiedText(run) !== '' || !line.includes('verified'));
  output.line(output.bold(first as string));
  for (const line of rest) output.line(line);
  for (const [name, value] of facts) if (value !== null) output.line(`  ${name.padEnd(14)}${value}`);
  output.line('  log');
  for (const line of logLines(log)) output.line(`    ${line}`);
}

function askedBy({ origin }: Run): string | null {
  if (origin?.by === 'schedule') return `the schedule, for ${origin.slot}`;
  return origin?.by === 'retry' ? `elt retry ${origin.of}` : null;
}

function paintedState(output: Output, run: Run): string {
  if (run.state === 'succeeded') return output.green(run.state);
  if (run.state === 'failed' || run.state === 'lost' || run.state === 'fenced') return output.red(run.state);
  return phase(run);
}

/** States of runs that nobody looks after are old. */
async function warnWithoutWorker(runs: Runs, list: readonly Run[]): Promise<void> {
  const stagesInUse = new Set<Stage>(list.filter((run) => !isFinal(run.state)).map((run) => run.stage));
  if (stagesInUse.size === 0) return;
  const { openQueue, workersOf } = await import('../pipeline/queue.js');
  const { queueAddress } = await import('./attach.js');
  for (const stage of stagesInUse) {
    const queue = openQueue(stage, queueAddress(runs), () => undefined);
    if ((await workersOf(queue)) === 0) {
      runs.context.output.note(`No elt worker serves ${stage}: what stands here may be old. Start one: elt worker`);
    }
    await queue.close();
  }
}
