import type { Argv } from 'yargs';
import { EltError, exitCodes } from '../commons/errors.js';
import { runDrill } from '../drill/drill.js';
import { chooseFaults, faults } from '../drill/faults.js';
import type { DrillReport, FaultReport } from '../drill/report.js';
import type { CommandFactory } from './command.js';
import { confirm } from './confirm.js';
import type { CliContext, GlobalArguments } from './context.js';
import { type Column, tableLines } from './table.js';

interface Arguments extends GlobalArguments {
  readonly faults?: string;
  readonly rounds: string;
  readonly seed?: string;
  readonly rate: string;
  readonly list: boolean;
  readonly yes: boolean;
}

const mostFindingsShown = 20;

/** `elt drill`: kills the engines of the native stack under load, one after another, and counts. */
export const drillCommand: CommandFactory = (context) => ({
  command: 'drill',
  describe: 'The crash drill: kill everything on the native stack under load, then count every record',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .option('faults', { type: 'string', describe: 'Only these, separated by commas (default: all)' })
      .option('rounds', { type: 'string', default: '1', describe: 'How often each fault happens' })
      .option('seed', { type: 'string', describe: 'Random moments of an earlier drill (default: new ones, printed)' })
      .option('rate', { type: 'string', default: '100', describe: 'Records per second' })
      .option('list', { type: 'boolean', default: false, describe: 'Show the faults and do nothing' })
      .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask before engines are killed' })
      .example('$0 drill', 'every fault once, about ten minutes')
      .example('$0 drill --faults broker,metastore --rounds 5 --seed 42', 'two faults, five times each'),
  handler: async (args: Arguments) => {
    if (args.list) return list(context);
    await drill(context, args);
  },
});

async function drill(context: CliContext, args: Arguments): Promise<void> {
  const { env, cwd, output, signal } = context;
  const chosen = chooseFaults(args.faults?.split(',').map((name) => name.trim()) ?? []);
  const rounds = wholeNumber('--rounds', args.rounds, 1, 1_000);
  const rate = wholeNumber('--rate', args.rate, 1, 10_000);
  const seed = args.seed === undefined ? Date.now() % 1_000_000_007 : wholeNumber('--seed', args.seed, 0, 2 ** 32 - 1);
  const config = await context.loadConfig(args);
  const question = `Kill the engines of the native stack in ${config.stackDir}? Whatever else uses them is disturbed too.`;
  if (!args.yes && !(await confirm(context, question))) {
    throw new EltError('not-confirmed', 'Nothing was done: the drill was not confirmed.', {
      hint: 'To go on without being asked: --yes',
    });
  }
  output.note(`elt drill --seed ${seed} --rounds ${rounds} --rate ${rate}`);
  const report = (line: string) => output.note(line);
  const onFault = (one: FaultReport) => output.note(output.dim(`  ${cells(one).slice(1).join(' · ')}`));
  const options = { config, environment: env, cwd, faults: chosen, rounds, seed, rate, signal, report, onFault };
  show(context, await unlessInterrupted(signal, runDrill(options)));
}

/** Whatever an interrupted drill fails with, the reason is the signal. */
async function unlessInterrupted<T>(signal: AbortSignal, action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new EltError('interrupted', 'Interrupted. The stack was repaired, and what the drill had made was removed.', {
      cause,
      exitCode: signal.reason === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted,
      hint: 'elt stack status shows it.',
    });
  }
}

function show({ output, setExitCode }: CliContext, report: DrillReport): void {
  if (!report.passed) setExitCode(exitCodes.validationFailed);
  if (!output.isText) {
    output.json(report);
    return;
  }
  for (const line of tableLines(columns, report.faults.map(cells))) output.line(line);
  for (const { fault, problem } of report.faults) if (problem !== null) output.line(output.red(`${fault}: ${problem}`));
  for (const { kind, table, partition, offset, detail } of report.findings.slice(0, mostFindingsShown)) {
    output.line(output.red(`${kind}: ${table}, partition ${partition}, offset ${offset}: ${detail}`));
  }
  const more = report.findings.length - mostFindingsShown;
  if (more > 0) output.line(`and ${more} more: elt drill -o json lists all`);
  const verdict = report.passed ? output.green('passed') : output.red('failed');
  output.line(`${verdict}: ${report.records} records acknowledged, seed ${report.seed}`);
}

const columns: readonly Column[] = [
  { heading: 'FAULT' },
  { heading: 'RECOVERED IN', align: 'right' },
  { heading: 'LOST', align: 'right' },
  { heading: 'DOUBLED', align: 'right' },
  { heading: 'DRIVERS AT ONCE', align: 'right' },
  { heading: 'ALTERED', align: 'right' },
  { heading: "EXTRACT'S LONGEST PAUSE", align: 'right' },
];

function cells(one: FaultReport): string[] {
  const seconds = (ms: number | null) => (ms === null ? 'never' : `${(ms / 1_000).toFixed(1)} s`);
  const counts = [one.lost, one.doubled, one.driversAtOnce, one.altered].map(String);
  return [
    one.fault,
    seconds(one.recoveredMs),
    ...counts,
    one.extractPauseMs === null ? '-' : seconds(one.extractPauseMs),
  ];
}

function list({ output }: CliContext): void {
  if (!output.isText) {
    output.json({ faults: faults.map(({ name, describe }) => ({ name, describe })) });
    return;
  }
  const rows = faults.map(({ name, describe }) => [name, describe]);
  for (const line of tableLines([{ heading: 'FAULT' }, { heading: 'WHAT HAPPENS' }], rows)) output.line(line);
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new EltError('usage', `${option} ${text}: expected a whole number from ${least} to ${most}.`);
}
