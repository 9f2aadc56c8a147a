import type { Argv } from 'yargs';
import type { Config } from '../commons/config.js';
import { type ExitCode, exitCodes } from '../commons/errors.js';
import { openTrino } from '../trino/client.js';
import type { CommandFactory } from './command.js';
import type { CliContext, GlobalArguments } from './context.js';
import { type Finding, probe } from './doctor/finding.js';
import { kafkaFindings } from './doctor/kafka.js';
import { s3Findings, tableFindings, trinoFindings } from './doctor/lakehouse.js';
import { metastoreFindings } from './doctor/metastore.js';
import { metricsFindings } from './doctor/metrics.js';
import { redisFindings } from './doctor/redis.js';
import { classPathFindings, sparkFindings, sparkRestFindings } from './doctor/spark.js';
import { tableLines } from './table.js';

/** `elt doctor`. */
export const doctorCommand: CommandFactory = (context) => ({
  command: 'doctor',
  describe: 'Is everything reachable and set up right? Each finding with its fix',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs.example('$0 doctor', 'exit 5 when something needed is down, 2 when something is wrong'),
  handler: async (args: GlobalArguments) => {
    const config = await context.loadConfig(args);
    const findings = await examine(config, context.signal);
    show(context, findings);
    context.setExitCode(exitCodeOf(findings));
  },
});

/** All probes at once; each ends by itself within seconds. */
async function examine(config: Config, signal: AbortSignal): Promise<readonly Finding[]> {
  const trino = openTrino(config.trino, { signal });
  try {
    const trinoFound = probe('trino', () => trinoFindings(config, trino));
    const tablesFound = trinoFound.then((found) => {
      return found.every(({ state }) => state === 'ok') ? probe('tables', () => tableFindings(config, trino)) : [];
    });
    const found = await Promise.all([
      probe('kafka', () => kafkaFindings(config)),
      probe('s3', () => s3Findings(config, signal)),
      probe('metastore', () => metastoreFindings(config, signal)),
      probe('spark master', () => sparkFindings(config, signal)),
      probe('spark rest', () => sparkRestFindings(config, signal)),
      probe('class path', () => classPathFindings(config)),
      trinoFound,
      tablesFound,
      probe('redis', () => redisFindings(config)),
      probe('metrics', () => metricsFindings(config, signal)),
    ]);
    signal.throwIfAborted();
    return found.flat();
  } finally {
    await trino.close();
  }
}

function exitCodeOf(findings: readonly Finding[]): ExitCode {
  const has = (state: Finding['state']) => findings.some((found) => found.state === state);
  if (has('unreachable')) return exitCodes.unreachable;
  return has('wrong') ? exitCodes.usage : exitCodes.ok;
}

function show({ output }: CliContext, findings: readonly Finding[]): void {
  const isHealthy = findings.every(({ state }) => state === 'ok' || state === 'warning');
  if (!output.isText) {
    output.json({ healthy: isHealthy, findings });
    return;
  }
  const paint = { ok: output.green, warning: output.yellow, wrong: output.red, unreachable: output.red };
  const rows = findings.map(({ name, state, detail }) => [name, paint[state].call(output, state), detail]);
  const columns = ['WHAT', 'STATE', 'FOUND'].map((heading) => ({ heading }));
  for (const line of tableLines(columns, rows)) output.line(line);
  for (const { name, fix } of findings) {
    if (fix !== null) output.line(`\n${output.bold(name)}: ${fix}`);
  }
}
