import yargs, { type Argv } from 'yargs';
import { closest } from '../commons/did-you-mean.js';
import { EltError } from '../commons/errors.js';
import { type CommandEntry, commands } from './commands.js';
import type { CliContext, GlobalArguments } from './context.js';

const epilogue = `Exit codes: 0 ok, 1 run failed, 2 usage or configuration, 3 validation failed, 4 already running,
5 a dependency cannot be reached, 6 stopped, 7 fenced or lost, 124 timed out, 130/143 signals.`;

/**
 * Parses the arguments and runs the command. Only the called command's module is loaded.
 * @throws EltError `usage` when the arguments are wrong, and whatever the command throws.
 */
export async function runCli(args: readonly string[], context: CliContext, version: string): Promise<void> {
  const called = commandNamed(args);
  const parser = rootParser(args, context, version, called);
  for (const entry of commands) {
    if (entry === called || args.includes(completionRequest)) parser.command((await entry.load())(context));
    else parser.command(entry.command, entry.describe);
  }
  await parser.parseAsync([...args]);
}

/** `-o` as it stands in the arguments, for whatever has to be printed before they are parsed. */
export function formatOf(args: readonly string[]): GlobalArguments['output'] {
  const options = optionsOf(args);
  const index = options.findLastIndex((arg) => /^(-o|--output)(=|$)|^-o./.test(arg));
  const option = options[index] ?? '';
  const value = /^(?:-o=?|--output=)(.+)$/.exec(option)?.[1] ?? options[index + 1];
  return value === 'json' || value === 'ndjson' ? value : 'text';
}

function rootParser(
  args: readonly string[],
  { output }: CliContext,
  version: string,
  called: CommandEntry | undefined,
): Argv<GlobalArguments> {
  return yargs()
    .scriptName('elt')
    .usage(
      '$0 <command>\n\nKafka topics into an Iceberg lakehouse, with proof that nothing was lost and nothing doubled.',
    )
    .option('config', { alias: 'c', type: 'string', describe: 'Configuration file (default: the nearest elt.yaml)' })
    .option('output', {
      alias: 'o',
      choices: ['text', 'json', 'ndjson'] as const,
      default: 'text' as const,
      describe: 'Format of the data on stdout',
    })
    .option('log-level', {
      choices: ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const,
      describe: 'Least important log line on stderr',
    })
    .detectLocale(false)
    .help()
    .alias('help', 'h')
    .version(version)
    .parserConfiguration({ 'greedy-arrays': false, 'parse-numbers': false, 'duplicate-arguments-array': false })
    .strict()
    .demandCommand(1, 'Which command?')
    .recommendCommands()
    .wrap(Math.min(120, output.stdout.columns ?? 100))
    .epilogue(epilogue)
    .exitProcess(false)
    .check((parsed) => requireBooleans(args, parsed, called))
    .completion(completionCommand, 'Print a script that completes commands in bash and zsh')
    .fail((message, error) => {
      throw error ?? new EltError('usage', usageMessage(message, called), { hint: `See: elt ${helpOf(called)}` });
    }) as unknown as Argv<GlobalArguments>;
}

/** `--drain=maybe`: the parser takes whatever is not "true" for false. */
function requireBooleans(
  args: readonly string[],
  parsed: Readonly<Record<string, unknown>>,
  called: CommandEntry | undefined,
): true {
  for (const arg of optionsOf(args)) {
    const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(arg) ?? [];
    if (typeof parsed[name] !== 'boolean' || value === 'true' || value === 'false') continue;
    throw new EltError('usage', `--${name} is "${value}": expected true or false, or --${name} alone`, {
      hint: `See: elt ${helpOf(called)}`,
    });
  }
  return true;
}

/** The arguments before `--`: the only ones that may be options. */
function optionsOf(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end < 0 ? args : args.slice(0, end);
}

const completionCommand = 'completion';
/** What a shell with the completion script calls the program with. */
const completionRequest = '--get-yargs-completions';

function usageMessage(message: string, called: CommandEntry | undefined): string {
  if (!message.startsWith('Not enough non-option arguments') || called === undefined) return message.trim();
  return `An argument is missing; expected: elt ${called.command}`;
}

function helpOf(called: CommandEntry | undefined): string {
  return called === undefined ? '--help' : `${nameOf(called.command)} --help`;
}

/** The command that the arguments call: the first of them that is neither an option nor the value of one. */
function commandNamed(args: readonly string[]): CommandEntry | undefined {
  const word = firstWord(args);
  if (word === undefined || word === completionCommand || args.includes(completionRequest)) return undefined;
  const entry = commands.find(({ command }) => nameOf(command) === word);
  if (entry !== undefined) return entry;
  const names = commands.map(({ command }) => nameOf(command));
  const nearest = closest(word, names);
  throw new EltError(
    'usage',
    `Unknown command "${word}"${nearest === undefined ? '' : `, did you mean "${nearest}"?`}`,
    {
      hint: `Commands: ${names.join(', ')}. See: elt --help`,
    },
  );
}

function firstWord(args: readonly string[]): string | undefined {
  const withValue = /^(-c|--config|-o|--output|--log-level)$/;
  return args.find((arg, index) => !arg.startsWith('-') && !withValue.test(args[index - 1] ?? ''));
}

function nameOf(command: string): string {
  return command.split(' ', 1)[0] as string;
}
