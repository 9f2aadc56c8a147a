import type { Argv } from 'yargs';
import { EltError, type ExitCode, exitCodes } from '../commons/errors.js';
import { stackDown } from '../stack/down.js';
import { stackFacts } from '../stack/stack-facts.js';
import { type ServiceStatus, stackStatus } from '../stack/status.js';
import { stackUp } from '../stack/up.js';
import type { CommandFactory } from './command.js';
import type { CliContext, GlobalArguments } from './context.js';
import { showLog } from './stack-logs.js';
import { tableLines } from './table.js';

interface UpArguments extends GlobalArguments {
  readonly portOffset?: string;
  readonly with?: 'metrics' | 'none';
}

interface DownArguments extends GlobalArguments {
  readonly purge: boolean;
}

interface LogsArguments extends GlobalArguments {
  readonly service: string;
  readonly follow: boolean;
  readonly lines: string;
}

/** `elt stack up|down|status|logs`: the native stack, real engines as child processes, no Docker. */
export const stackCommand: CommandFactory = (context) => ({
  command: 'stack',
  describe: 'Start, stop and inspect the native stack: real engines as child processes, no Docker',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .command(
        'up',
        'Start what does not run and wait until all of it answers',
        (one) =>
          one
            .option('port-offset', { type: 'string', describe: 'Add this number to every port (for a second stack)' })
            .option('with', {
              choices: ['metrics', 'none'] as const,
              describe: 'Also run StatsD, Telegraf, Prometheus and Alertmanager; remembered until `none`',
            }),
        (args) => up(context, args as unknown as UpArguments),
      )
      .command(
        'down',
        'Stop what `up` started; data stays',
        (one) => one.option('purge', { type: 'boolean', default: false, describe: 'Remove data, logs and keys too' }),
        (args) => down(context, args as unknown as DownArguments),
      )
      .command('status', 'Every service: its state, address, process and version', {}, () => status(context))
      .command(
        'logs <service>',
        'The log of a service',
        (one) =>
          one
            .positional('service', { type: 'string', describe: 'A name from `elt stack status`' })
            .option('follow', { alias: 'f', type: 'boolean', default: false, describe: 'Go on as the log grows' })
            .option('lines', { alias: 'n', type: 'string', default: '200', describe: 'How many of the last lines' }),
        (args) => logs(context, args as unknown as LogsArguments),
      )
      .demandCommand(1, 'Which action? up, down, status or logs')
      .example('$0 stack up --with metrics', 'see and be told: Prometheus, alerts')
      .example('$0 stack up --port-offset 1000', 'a second stack, in its own ELT_STACK_DIR')
      .epilogue(
        'ELT_STACK_DIR names the folder of data, logs and settings; ELT_STACK_TRINO_OPTIONS has more options for the JVM of Trino, e.g. -Xmx4G.',
      ),
  handler: async () => {},
});

async function up(context: CliContext, args: UpArguments): Promise<void> {
  const { env, cwd, output, signal } = context;
  const portOffset = args.portOffset === undefined ? undefined : wholeNumber('--port-offset', args.portOffset);
  const report = (line: string) => output.note(line);
  const parts = args.with === undefined ? undefined : args.with === 'none' ? [] : [args.with];
  const alerts = async () => (await context.loadConfig(args)).alerts;
  const options = { environment: env, cwd, portOffset, parts, alerts, signal, report };
  const state = await unlessInterrupted(signal, stackUp(options));
  if (!output.isText) {
    output.json(state);
    return;
  }
  const { spark, trino } = state.config;
  output.line(`The stack is up. Spark ${spark.ui.join(', ')}, Trino ${trino.url} (user elt, catalog lakehouse).`);
  output.note(output.dim('Its services: elt stack status. Stop it: elt stack down'));
}

async function down({ env, output, signal }: CliContext, { purge }: DownArguments): Promise<void> {
  const report = (line: string) => output.note(line);
  await unlessInterrupted(signal, stackDown({ environment: env, isPurging: purge, signal, report }));
  if (output.isText)
    output.line(purge ? 'The stack is down, its data is removed.' : 'The stack is down, its data stays.');
  else output.json({ state: 'stopped', purged: purge });
}

async function status({ env, output }: CliContext): Promise<void> {
  const services = await stackStatus(await stackFacts(env));
  if (!output.isText) {
    output.json({ services });
    return;
  }
  const colour = (state: ServiceStatus['state']) => {
    if (state === 'running') return output.green(state);
    return state === 'stopped' ? output.dim(state) : output.red(state);
  };
  const rows = services.map(({ name, state, endpoint, pid, version }) => [
    name,
    colour(state),
    endpoint ?? '-',
    pid === null ? '-' : String(pid),
    version,
  ]);
  const headings = ['SERVICE', 'STATE', 'ENDPOINT', 'PID', 'VERSION'].map((heading) => ({ heading }));
  for (const line of tableLines(headings, rows)) output.line(line);
}

async function logs({ env, output, signal, setExitCode }: CliContext, args: LogsArguments): Promise<void> {
  const facts = await stackFacts(env);
  const write = (text: string) => output.stdout.write(text);
  await showLog(facts.layout, args.service, {
    lines: wholeNumber('--lines', args.lines),
    isFollowing: args.follow,
    signal,
    write,
  });
  if (signal.aborted) setExitCode(exitCodeOf(signal));
}

/** Whatever an interrupted command fails with, the reason is the signal. */
async function unlessInterrupted<T>(signal: AbortSignal, action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new EltError('interrupted', 'Interrupted. What was started goes on, what was not stopped still runs.', {
      cause,
      exitCode: exitCodeOf(signal),
      hint: 'elt stack status shows it; elt stack up or elt stack down completes it.',
    });
  }
}

function exitCodeOf(signal: AbortSignal): ExitCode {
  return signal.reason === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new EltError('usage', `${option} ${text}: expected a whole number.`);
}
