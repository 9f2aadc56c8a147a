import type { Argv } from 'yargs';
import type { Config } from '../commons/config.js';
import { EltError, type ExitCode, exitCodes } from '../commons/errors.js';
import { topicOffsets } from '../kafka/lag.js';
import type { CheckResult } from '../pipeline/check.js';
import type { CheckSources } from '../pipeline/run-checks.js';
import { type Validation, validateStage } from '../pipeline/verify.js';
import { openTrino, type TrinoClient } from '../trino/client.js';
import type { CommandFactory } from './command.js';
import type { CliContext, GlobalArguments } from './context.js';
import { stagesUnderCheck } from './stages-under-check.js';
import { tableLines } from './table.js';

interface Arguments extends GlobalArguments {
  readonly pipeline?: string;
}

/** `elt validate [pipeline]`. */
export const validateCommand: CommandFactory = (context) => ({
  command: 'validate [pipeline]',
  describe: 'Prove through Trino that nothing was lost and nothing doubled',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('pipeline', { type: 'string', describe: 'default: all pipelines' })
      .example('$0 validate', 'every check of every pipeline; exit 3 when one fails')
      .example('$0 validate numbers -o json', 'one document with the statement of each check'),
  handler: async (args: Arguments) => {
    const config = await context.loadConfig(args);
    const trino = openTrino(config.trino, { signal: context.signal });
    try {
      const validation = await validateAll(context, config, trino, args.pipeline);
      show(context, validation);
      context.setExitCode(exitCodeOf(validation));
    } finally {
      await trino.close();
    }
  },
});

async function validateAll(
  { output, signal }: CliContext,
  config: Config,
  trino: TrinoClient,
  pipeline: string | undefined,
): Promise<Validation> {
  const parts: Validation[] = [];
  const progress = (text: string) => output.isInteractive && output.stderr.write(`\r\u001b[K${text}`);
  for (const stage of stagesUnderCheck(config, pipeline)) {
    const sources: CheckSources = {
      trino,
      topicOffsets: async () => await topicOffsets(config.kafka, String(stage.topic)),
      signal,
      onCheck: (name, table) => progress(`${table}: ${name} …`),
    };
    parts.push(await validateStage(stage, sources).finally(() => progress('')));
  }
  const missing = parts.flatMap((part) => part.missing);
  const results = parts.flatMap((part) => part.results);
  if (results.length === 0) throw nothingThere(missing, pipeline);
  return { results, missing, error: parts.find((part) => part.error !== null)?.error ?? null };
}

function nothingThere(missing: readonly string[], pipeline: string | undefined): EltError {
  const tables = missing.length === 0 ? 'No pipeline is declared' : `No table exists yet (${missing.join(', ')})`;
  return new EltError('nothing-to-validate', `${tables}: there is nothing to check.`, {
    hint: `First: elt run extract ${pipeline ?? ''}`.trim(),
  });
}

/** A failed check is worse than one that could not be answered. */
function exitCodeOf({ results, error }: Validation): ExitCode {
  if (results.some((result) => result.verdict === 'fail')) return exitCodes.validationFailed;
  return error?.exitCode ?? exitCodes.ok;
}

function show({ output }: CliContext, { results, missing }: Validation): void {
  const passed = results.every((result) => result.verdict === 'pass');
  if (!output.isText) {
    output.json({ passed, checks: results });
    return;
  }
  const paint = { pass: output.green, fail: output.red, error: output.yellow };
  const rows = results.map(({ table, name, verdict, actual, durationMs }) => {
    return [table, name, paint[verdict].call(output, verdict), `${durationMs} ms`, firstLine(actual)];
  });
  const headings = [{ heading: 'TABLE' }, { heading: 'CHECK' }, { heading: 'VERDICT' }];
  const columns = [...headings, { heading: 'TIME', align: 'right' as const }, { heading: 'FOUND' }];
  for (const line of tableLines(columns, rows)) output.line(line);
  for (const result of results.filter(({ verdict }) => verdict !== 'pass')) showDetails(output, result);
  for (const table of missing) output.note(output.dim(`${table} does not exist yet: nothing to check there.`));
  output.line();
  output.line(summary(results, passed ? output.green('passed') : output.red('not passed')));
}

function showDetails(output: CliContext['output'], { name, table, expected, actual, sql }: CheckResult): void {
  output.line();
  output.line(output.bold(`${name} on ${table}`));
  output.line(`  expected  ${expected}`);
  output.line(`  found     ${actual}`);
  output.line(`  statement ${sql}`);
}

function summary(results: readonly CheckResult[], verdict: string): string {
  const of = (wanted: CheckResult['verdict']) => results.filter((result) => result.verdict === wanted).length;
  const errors = of('error') === 0 ? '' : `, ${of('error')} could not be answered`;
  return `${verdict}: ${of('pass')} checks passed, ${of('fail')} failed${errors}`;
}

function firstLine(text: string): string {
  const line = text.split('\n')[0] as string;
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
