import type { Config } from '../commons/config.js';
import { EltError, exitCodes } from '../commons/errors.js';
import { offsetAt, type Position, sortedPartitions } from '../commons/position.js';
import { intactness } from '../pipeline/checks/ledger-intact.js';
import { type DataStage, isFinal, isSettled, newRun, type Run, reportOf } from '../pipeline/run.js';
import { openTrino } from '../trino/client.js';
import type { TableLedger } from '../trino/ledger.js';
import { ledgerOf } from '../trino/ledger-queries.js';
import { type RowsPosition, rowsPosition } from '../trino/rows-position.js';
import { attach } from './attach.js';
import type { CliContext, GlobalArguments } from './context.js';
import { planRecover } from './plan-recover.js';
import { choosePipeline } from './plan-run.js';
import { exitCodeOf, type Runs, withRuns } from './runs.js';
import { tableLines } from './table.js';

export interface RecoverArguments extends GlobalArguments {
  readonly pipeline?: string;
  readonly stage: DataStage;
  readonly yes: boolean;
}

interface Comparison {
  readonly pipeline: string;
  readonly stage: DataStage;
  readonly table: string;
  readonly ledger: {
    readonly intact: boolean;
    readonly finding: string;
    readonly position: Position | null;
    readonly ingestedAt: string | null;
  };
  readonly rows: RowsPosition;
}

/** Shows what the ledger says beside what the rows say; with `--yes` a driver writes the latter into the table. */
export async function recoverOffsets(context: CliContext, config: Config, args: RecoverArguments): Promise<void> {
  const pipeline = choosePipeline(config, args.stage, args.pipeline);
  const comparison = await compare(context, config, args.stage, pipeline);
  const { output } = context;
  if (output.isText) print(context, comparison);
  if (args.yes) return await withRuns(context, args, (runs) => submit(runs, comparison));
  if (!output.isText) output.json({ ...comparison, run: null });
  output.note(
    `Nothing was changed. To write the position of the rows into the table: elt offsets recover ${pipeline} --stage ${args.stage} --yes`,
  );
}

async function compare(
  { signal }: CliContext,
  config: Config,
  stage: DataStage,
  pipeline: string,
): Promise<Comparison> {
  const table = String(config.pipelines[pipeline]?.[stage]?.table);
  const trino = openTrino(config.trino, { signal });
  try {
    const ledger = await ledgerOf(trino, table);
    if (ledger === null) {
      throw new EltError('table-missing', `Table ${table} does not exist: there is nothing to recover.`, {
        hint: `It is made by: elt run ${stage} ${pipeline}`,
      });
    }
    const rows = await rowsPosition(trino, table, stage === 'extract' ? 'ingested_at' : 'raw_ingested_at');
    return { pipeline, stage, table, ledger: ledgerSays(ledger), rows };
  } finally {
    await trino.close();
  }
}

function ledgerSays(ledger: TableLedger): Comparison['ledger'] {
  const { passed, actual } = intactness(ledger);
  return { intact: passed, finding: actual, position: ledger.position, ingestedAt: ledger.ingestedAt };
}

function print({ output }: CliContext, { table, stage, ledger, rows }: Comparison): void {
  output.line(output.bold(`${table}`));
  output.line(`  ledger    ${ledger.intact ? output.green('intact') : output.red('not intact')}: ${ledger.finding}`);
  output.line(`  clock     ${ledger.ingestedAt ?? 'none'} in the ledger, ${rows.ingestedAt ?? 'none'} in the rows`);
  if (stage === 'transform') return;
  const keys = [...(ledger.position ?? []), ...rows.position].flatMap(({ topicId, offsets }) =>
    sortedPartitions(offsets).map((partition) => `${topicId}\u0000${partition}`),
  );
  const lines = [...new Set(keys)].map((key) => {
    const [topicId = '', partition = ''] = key.split('\u0000');
    const shown = (position: Position | null) => String(offsetAt(position, topicId, partition) ?? '-');
    return [topicId, partition, shown(ledger.position), shown(rows.position)];
  });
  const columns = ['TOPIC ID', 'PARTITION', 'IN THE LEDGER', 'FROM THE ROWS'].map((heading, index) => {
    return { heading, align: index === 0 ? ('left' as const) : ('right' as const) };
  });
  for (const line of tableLines(columns, lines)) output.line(`  ${line}`);
}

async function submit(runs: Runs, comparison: Comparison): Promise<void> {
  const { context, services, config } = runs;
  const { output, signal } = context;
  const { stage, pipeline } = comparison;
  const planned = newRun(planRecover(config, stage, pipeline, new Date()));
  await services.reconcile(runs.context.signal);
  const created = await services.store.create(planned);
  if (!created.isCreated) throw running(created.active);
  output.note(`Recomputing on Spark as run ${planned.runId} …`);
  const { run, isDone } = await attach(runs, planned.runId, isSettled, () => undefined, signal);
  if (!output.isText) output.json({ ...comparison, run: reportOf(run) });
  if (!isDone || !isFinal(run.state)) {
    output.note(`Detached: ${run.runId} goes on. See: elt status ${run.runId}`);
    context.setExitCode(exitCodes.interrupted);
    return;
  }
  if (run.error !== null) output.note(`${output.red('error:')} ${run.error.message} (${run.error.code})`);
  if (output.isText && run.error === null) output.line(`${output.green('recovered')}: the next run goes on from here.`);
  context.setExitCode(exitCodeOf(run));
}

function running({ runId, stage, pipeline, state }: Run): EltError {
  const message = `${stage} ${pipeline} is running: ${runId} (${state}). Nothing was recovered.`;
  return new EltError('already-running', message, {
    exitCode: exitCodes.alreadyRunning,
    hint: `Stop it first: elt stop ${stage} ${pipeline}`,
  });
}
