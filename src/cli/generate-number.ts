/** What `generate_number.sh` does, without the process around it. */
import { parseArgs } from 'node:util';
import { EltError } from '../commons/errors.js';
import type { KafkaAddress } from '../kafka/connection.js';
import { createTopic } from '../kafka/create-topic.js';
import {
  type Acknowledgements,
  type NumbersRequest,
  type ProduceOptions,
  produceNumbers,
} from '../kafka/produce-numbers.js';
import { tableLines } from './table.js';

export const generateNumberHelp = `generate_number.sh [COUNT] [--rate N] [--seed S] [--keyed] [--topic T] [--partitions N]

Produces COUNT (default 100) random integers as text to a Kafka topic of the stack that is up.

  --rate N        at most N records per second (default: as fast as possible)
  --seed S        the same seed gives the same numbers (default: random, printed)
  --keyed         the number is the key too, so that equal numbers meet in one partition
  --topic T       default: number_ingestion
  --partitions N  create the topic with N partitions when it does not exist
  --help          this text`;

export interface GenerateNumber extends NumbersRequest {
  /** Create the topic with so many partitions when it does not exist; null: that is an error. */
  readonly partitions: number | null;
}

const defaultCount = 100;
const mostRecords = 1_000_000_000;

/** Reads the arguments; null for `--help`. Throws EltError `usage` (exit 2). */
export function parseGenerateNumber(args: readonly string[], randomSeed: () => number): GenerateNumber | null {
  const { values, positionals } = parsed(args);
  if (values.help === true) return null;
  if (positionals.length > 1) throw usage(`expected one COUNT, got ${positionals.join(' ')}`);
  return {
    topic: values.topic ?? 'number_ingestion',
    count: wholeNumber('COUNT', positionals[0], 1, mostRecords) ?? defaultCount,
    seed: wholeNumber('--seed', values.seed, 0, Number.MAX_SAFE_INTEGER) ?? randomSeed(),
    isKeyed: values.keyed ?? false,
    ratePerSecond: wholeNumber('--rate', values.rate, 1, mostRecords) ?? null,
    partitions: wholeNumber('--partitions', values.partitions, 1, 10_000) ?? null,
  };
}

/** Produces, and creates the topic first where that was asked for. */
export async function generateNumbers(
  kafka: KafkaAddress,
  request: GenerateNumber,
  options: ProduceOptions,
): Promise<void> {
  if (request.partitions !== null) await createTopic(kafka, request.topic, { partitions: request.partitions });
  try {
    await produceNumbers(kafka, request, options);
  } catch (error) {
    if (!(error instanceof EltError) || error.code !== 'topic-missing') throw error;
    const hint = `To create it on the way: ./generate_number.sh ${request.count} --topic ${request.topic} --partitions 3`;
    throw new EltError(error.code, error.message, { cause: error, hint });
  }
}

/** The lines that say what was acknowledged. */
export function acknowledgementLines(
  request: NumbersRequest,
  { partitions, total }: Acknowledgements,
  elapsedMs: number,
): readonly string[] {
  const columns = ['PARTITION', 'RECORDS', 'FIRST OFFSET', 'LAST OFFSET'];
  const rows = partitions.map(({ partition, count, firstOffset, lastOffset }) => {
    return [String(partition), String(count), firstOffset, lastOffset];
  });
  const rate = Math.round((total / Math.max(elapsedMs, 1)) * 1000);
  return [
    ...tableLines(
      columns.map((heading) => ({ heading, align: 'right' as const })),
      rows,
    ),
    `${total} of ${request.count} records acknowledged in ${request.topic} (seed ${request.seed}, ${(elapsedMs / 1000).toFixed(1)} s, ${rate} records/s)`,
  ];
}

function parsed(args: readonly string[]) {
  const options = {
    rate: { type: 'string' },
    seed: { type: 'string' },
    keyed: { type: 'boolean' },
    topic: { type: 'string' },
    partitions: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const negative = args.find((arg) => /^-\d/.test(arg));
  if (negative !== undefined) throw usage(`COUNT: expected a whole number from 1, got "${negative}"`);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw usage((error as Error).message.split('. ')[0] as string);
  }
}

function wholeNumber(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw usage(`${name}: expected a whole number from ${least} to ${most}, got "${text}"`);
}

function usage(message: string): EltError {
  return new EltError('usage', message, { hint: 'See: ./generate_number.sh --help' });
}
