import type { Config } from '../commons/config.js';
import type { NewRun } from '../pipeline/run.js';
import { sparkSubmitCommand } from '../spark/spark-submit-command.js';
import type { CliContext } from './context.js';
import { tableLines } from './table.js';

/** Prints the submission that a run would make. */
export function showPlan({ output }: CliContext, config: Config, plan: NewRun): void {
  const { spec, stage, pipeline, mode, table, submitter, runId } = plan;
  const argument: unknown = JSON.parse(spec.args[0] ?? '{}');
  if (!output.isText) {
    output.json({ runId, stage, pipeline, mode, table, submitter, submission: { ...spec, args: [argument] } });
    return;
  }
  output.line(output.bold(`${stage} ${pipeline} (${mode}) by ${submitter}; nothing was submitted`));
  output.line(`name        ${spec.name}`);
  output.line(`main class  ${spec.mainClass}`);
  output.line(`jar         ${spec.jar}`);
  output.line(`argument    ${JSON.stringify(argument, null, 2).replaceAll('\n', '\n            ')}`);
  output.line('properties');
  const rows = Object.entries(spec.properties).map(([key, value]) => [`  ${key}`, value]);
  for (const line of tableLines([{ heading: '' }, { heading: '' }], rows).slice(1)) output.line(line);
  if (submitter === 'rest') return;
  const deployMode = submitter === 'spark-submit-client' ? 'client' : 'cluster';
  const command = sparkSubmitCommand(config.spark.home ?? '$SPARK_HOME', spec, {
    deployMode,
    master: spec.properties['spark.master'] ?? '',
  });
  output.line('command');
  output.line(`  ${command.map(quoted).join(' ')}`);
}

function quoted(word: string): string {
  return /^[\w@%+=:,./$-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
