import type { Config } from '../commons/config.js';
import { EltError } from '../commons/errors.js';
import { topicOffsets } from '../kafka/lag.js';
import { type PipelineOffsets, pipelineOffsets } from '../pipeline/pipeline-offsets.js';
import { openTrino, type TrinoClient } from '../trino/client.js';
import { ledgerOf } from '../trino/ledger-queries.js';
import type { CliContext } from './context.js';
import { pipelineNames } from './stages-under-check.js';
import { tableLines } from './table.js';

/** Prints position, earliest, end and lag. What can be told without Kafka is printed even when it is down (then exit 5). */
export async function showOffsets(context: CliContext, config: Config, pipeline: string | undefined): Promise<void> {
  const trino = openTrino(config.trino, { signal: context.signal });
  try {
    const all: PipelineOffsets[] = [];
    for (const name of pipelineNames(config, pipeline)) {
      const offsets = await offsetsOf(context, config, trino, name);
      if (offsets !== null) all.push(offsets);
    }
    if (!context.output.isText) context.output.json({ pipelines: all });
    else for (const one of all) print(context, one);
  } finally {
    await trino.close();
  }
}

async function offsetsOf(
  context: CliContext,
  config: Config,
  trino: TrinoClient,
  pipeline: string,
): Promise<PipelineOffsets | null> {
  const { extract, transform } = config.pipelines[pipeline] ?? {};
  if (extract === undefined) return null;
  const ledger = await ledgerOf(trino, extract.table);
  const silver = transform === undefined ? null : await ledgerOf(trino, transform.table);
  const offsets = await topicOffsets(config.kafka, extract.topic).catch((error: unknown) => unanswered(context, error));
  return pipelineOffsets({
    pipeline,
    topic: extract.topic,
    table: extract.table,
    raw: ledger,
    offsets,
    transform: transform === undefined ? null : { table: transform.table, silver },
  });
}

function unanswered({ output, setExitCode }: CliContext, error: unknown): null {
  if (!(error instanceof EltError)) throw error;
  output.note(output.yellow(error.message));
  if (error.hint !== undefined) output.note(error.hint);
  setExitCode(error.exitCode);
  return null;
}

const headings = ['TOPIC ID', 'PARTITION', 'POSITION', 'EARLIEST', 'END', 'LAG'];

function print({ output }: CliContext, offsets: PipelineOffsets): void {
  const { pipeline, topic, table, runId, ingestedAt, lag, transform } = offsets;
  output.line(output.bold(`${pipeline}: ${topic} → ${table}`));
  const rows = offsets.partitions.map((line) => [
    `${line.topicId ?? '-'}${line.closed ? ' (closed)' : ''}`,
    ...[line.partition, line.position, line.earliest, line.end, line.lag].map((value) => String(value ?? '-')),
  ]);
  const columns = headings.map((heading, index) => ({
    heading,
    align: index === 0 ? ('left' as const) : ('right' as const),
  }));
  for (const line of tableLines(columns, rows)) output.line(`  ${line}`);
  output.line(
    `  lag ${lag ?? 'unknown'}; last commit ${ingestedAt ?? 'none yet'}${runId === null ? '' : ` by run ${runId}`}`,
  );
  if (transform !== null) {
    output.line(`  ${transform.table} has RAW's rows up to ${transform.ingestedAt ?? 'none yet'}`);
  }
  output.line();
}
