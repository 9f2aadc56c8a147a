import type { Argv } from 'yargs';
import type { CliContext, GlobalArguments } from './context.js';

/** A yargs command module: options, examples and handler. The handler ends without an error or throws; see `CliContext.setExitCode`. */
export interface Command {
  readonly command: string;
  readonly describe: string;
  // biome-ignore lint/suspicious/noExplicitAny: yargs infers each command's own arguments
  readonly builder: (yargs: Argv<GlobalArguments>) => Argv<any>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly handler: (args: any) => Promise<void>;
}

export type CommandFactory = (context: CliContext) => Command;
