import type { Config } from '../commons/config.js';
import type { ExitCode } from '../commons/errors.js';
import type { Output } from './output.js';

/** Options that every command has. */
export interface GlobalArguments {
  readonly config?: string;
  readonly output: 'text' | 'json' | 'ndjson';
  readonly logLevel?: string;
}

/** What the composition root gives to a command: nothing below it touches `process`. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly output: Output;
  /** Aborted by SIGINT and SIGTERM; its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Reads the configuration; flags by dotted path go on top of it. */
  loadConfig(args: GlobalArguments, flags?: Readonly<Record<string, unknown>>): Promise<Config>;
  /** Ends the process after so long, should something still hold it: a Redis that is down keeps connections from closing. */
  leaveWithin(ms: number): void;
  /** The process's exit code when the command ends without an error; 0 unless set. */
  setExitCode(code: ExitCode): void;
}
