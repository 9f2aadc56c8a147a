#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { CliContext } from '../cli/context.js';
import { Output } from '../cli/output.js';
import { formatOf, runCli } from '../cli/root.js';
import { EltError, type ExitCode, exitCodes } from '../commons/errors.js';
import { armFailpoints } from '../commons/failpoint.js';

const args = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const output = new Output({ format: formatOf(args), stdout: process.stdout, stderr: process.stderr, env: process.env });
const interruption = new AbortController();
let exitCode: ExitCode = exitCodes.ok;

/** A reader that went away (`elt … | head`) has what it wanted. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (interruption.signal.aborted) process.exit(128 + constants.signals[name]);
    interruption.abort(name);
  });
}

const context: CliContext = {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  output,
  signal: interruption.signal,
  loadConfig: async ({ config, logLevel }, flags) => {
    const { loadConfig } = await import('../commons/config.js');
    return loadConfig({
      env: process.env,
      cwd: process.cwd(),
      flags: { ...flags, 'log.level': logLevel },
      ...(config === undefined ? {} : { file: config }),
    });
  },
  leaveWithin: (ms) => {
    const name = interruption.signal.reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    setTimeout(() => {
      output.note(`Not everything could be closed within ${ms / 1_000} s; leaving.`);
      process.exit(128 + constants.signals[name]);
    }, ms).unref();
  },
  setExitCode: (code) => {
    exitCode = code;
  },
};

try {
  armFailpoints(process.env.ELT_FAILPOINTS);
  await runCli(args, context, version);
} catch (error) {
  exitCode = report(error);
}
process.exitCode = exitCode;

/** The error boundary: one message for people, one document for programs, the exit code of the error's kind. */
function report(error: unknown): ExitCode {
  const known = error instanceof EltError ? error : asEltError(error);
  if (output.format === 'json' && !output.hasDocument) {
    output.json({ error: { code: known.code, message: known.message, hint: known.hint ?? null } });
  }
  output.note(`${output.red('error:')} ${known.message}`);
  if (known.hint !== undefined) output.note(known.hint);
  if (known.kind === 'internal' && known.cause instanceof Error) output.note(known.cause.stack ?? String(known.cause));
  return known.exitCode;
}

function asEltError(error: unknown): EltError {
  if (error instanceof Error && error.name === 'YError') return new EltError('usage', error.message, { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new EltError('internal', `This should not have happened: ${message}`, {
    kind: 'internal',
    cause: error,
    hint: 'Please report it with the lines below.',
  });
}
