import type { Argv } from 'yargs';
import type { Config } from '../commons/config.js';
import type { CommandFactory } from './command.js';
import type { CliContext, GlobalArguments } from './context.js';
import { tableLines } from './table.js';

interface Arguments extends GlobalArguments {
  readonly action: 'show' | 'check';
}

/** `elt config show|check`. */
export const configCommand: CommandFactory = (context) => ({
  command: 'config <action>',
  describe: 'Show the resolved configuration with its origins, or check it',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('action', { choices: ['show', 'check'] as const, demandOption: true })
      .example('$0 config show', 'every key, its value and where it came from')
      .example('$0 config check', 'all problems at once, with the lines of elt.yaml'),
  handler: async (args: Arguments) => {
    const config = await context.loadConfig(args);
    const { configEntries } = await import('./config-entries.js');
    if (args.action === 'show') show(context, config, configEntries(config));
    else await check(context, config);
  },
});

type Entries = readonly { readonly key: string; readonly value: unknown; readonly origin: string }[];

function show({ output }: CliContext, config: Config, entries: Entries): void {
  if (!output.isText) {
    output.json({ file: config.file, stackDir: config.stackDir, values: entries });
    return;
  }
  const rows = entries.map(({ key, value, origin }) => [key, display(value), output.dim(origin)]);
  for (const line of tableLines([{ heading: 'KEY' }, { heading: 'VALUE' }, { heading: 'FROM' }], rows)) {
    output.line(line);
  }
}

async function check({ output }: CliContext, config: Config): Promise<void> {
  for (const warning of config.warnings) output.note(output.yellow(`warning: ${warning}`));
  const pipelines = Object.keys(config.pipelines);
  if (!output.isText) {
    output.json({ valid: true, file: config.file, pipelines, warnings: config.warnings });
    return;
  }
  const declared = pipelines.length === 0 ? 'no pipeline is declared' : `pipelines: ${pipelines.join(', ')}`;
  output.line(`${config.file ?? 'No elt.yaml found; defaults'}: ${output.green('valid')}; ${declared}`);
}

function display(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
