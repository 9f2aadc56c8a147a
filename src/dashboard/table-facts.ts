/** What Trino and Kafka say of a pipeline: asked every few seconds while somebody looks, once for all who do. */
import type { Config } from '../commons/config.js';
import { EltError } from '../commons/errors.js';
import { type TopicOffsets, topicOffsets } from '../kafka/lag.js';
import { type Unread, unreadOf } from '../kafka/unread.js';
import type { TrinoClient } from '../trino/client.js';
import type { TableLedger } from '../trino/ledger.js';
import { ledgerOf } from '../trino/ledger-queries.js';
import { Cached } from './cached.js';

export interface Problem {
  readonly message: string;
  /** False: somebody answered, but not with what was asked for (a topic that does not exist, say). */
  readonly isOutage: boolean;
}

/** A table's ledger: null while there is no such table. */
export interface TableFact {
  readonly table: string;
  readonly ledger: TableLedger | null;
}

export interface PipelineFacts {
  readonly raw: TableFact | null;
  readonly silver: TableFact | null;
  readonly offsets: TopicOffsets | null;
  /** What is not read yet and how old it is; null: not known. */
  readonly unread: Unread | null;
  /** What could not be answered, and why. */
  readonly trinoProblem: Problem | null;
  readonly kafkaProblem: Problem | null;
}

/** Facts of one pipeline, cached. */
export type FactsOf = (pipeline: string) => Cached<PipelineFacts>;

/** A statement about metadata takes well under a second; one that takes longer must not hold up the page. */
const answerWithinMs = 15_000;

/** Facts of all declared pipelines, each asked at most every `freshMs`. */
export function pipelineFacts(config: Config, trino: TrinoClient, freshMs: number): FactsOf {
  const facts = new Map(
    Object.keys(config.pipelines).map((name) => [name, new Cached(freshMs, () => ask(config, trino, name))]),
  );
  return (pipeline) => {
    const found = facts.get(pipeline);
    if (found !== undefined) return found;
    throw new EltError('unknown-pipeline', `Unknown pipeline "${pipeline}".`);
  };
}

async function ask(config: Config, trino: TrinoClient, pipeline: string): Promise<PipelineFacts> {
  const { extract, transform } = config.pipelines[pipeline] ?? {};
  const rawTable = extract?.table ?? transform?.from ?? null;
  const fact = async (table: string | null): Promise<TableFact | null> =>
    table === null ? null : { table, ledger: await ledgerOf(trino, table, { timeoutMs: answerWithinMs }) };
  // SILVER before RAW, which is then at least as far.
  const tables = async () => ({ silver: await fact(transform?.table ?? null), raw: await fact(rawTable) });
  const [lakehouse, topic] = await Promise.allSettled([
    tables(),
    extract === undefined ? Promise.resolve(null) : topicOffsets(config.kafka, extract.topic),
  ]);
  const raw = answerOf(lakehouse)?.raw ?? null;
  // Without the table's word its position is not known: that everything is unread would be a guess.
  const canTell = extract !== undefined && answerOf(topic) !== null && raw !== null;
  return {
    raw,
    silver: answerOf(lakehouse)?.silver ?? null,
    offsets: answerOf(topic) ?? null,
    unread: canTell ? await unreadBy(config, extract.topic, raw) : null,
    trinoProblem: problemOf(lakehouse),
    kafkaProblem: problemOf(topic),
  };
}

async function unreadBy({ kafka }: Config, topic: string, { ledger }: TableFact): Promise<Unread | null> {
  return await unreadOf(kafka, topic, ledger?.position ?? null).catch(() => null);
}

function answerOf<T>(outcome: PromiseSettledResult<T>): T | null {
  return outcome.status === 'fulfilled' ? outcome.value : null;
}

function problemOf(outcome: PromiseSettledResult<unknown>): Problem | null {
  if (outcome.status === 'fulfilled') return null;
  const { reason } = outcome as { reason: unknown };
  const message = reason instanceof Error ? reason.message : String(reason);
  return { message, isOutage: !(reason instanceof EltError) || reason.kind === 'external' };
}
