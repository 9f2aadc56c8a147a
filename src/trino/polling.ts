import { setTimeout as delay } from 'node:timers/promises';
import type { Iterator, QueryResult, Trino } from 'trino-client';
import { TrinoFailureError } from './failure.js';

/** One result row by column name. BIGINTs beyond 2^53 lose digits in JSON: CAST them to varchar. */
export type Row = Readonly<Record<string, unknown>>;

/** How far a statement has come: what is needed to cancel it. */
export interface Polling {
  queryId: string | null;
  isFinished: boolean;
}

/** A field that trino-client 0.2.9 keeps to itself: the newest answer, the very first one included. */
interface Answers {
  iter: { queryResult: QueryResult };
}

/**
 * Sends a statement and polls it to its end. Calls `next()` by hand: `for await` never shows the very first answer, so an
 * error in it (a syntax error, say) would look like an empty result. Throws `TrinoFailureError` for what Trino reports.
 */
export async function drive(trino: Trino, sql: string, signal: AbortSignal, polling: Polling): Promise<Row[]> {
  const answers = await withRetries(() => trino.query(sql), signal);
  const rows: Row[] = [];
  let answer = firstAnswer(answers);
  polling.queryId = answer.id;
  for (;;) {
    polling.isFinished = answer.nextUri === undefined;
    collect(answer, rows);
    if (polling.isFinished) return rows;
    answer = (await withRetries(() => answers.next(), signal)).value;
  }
}

function firstAnswer(answers: Iterator<QueryResult>): QueryResult {
  return (answers as unknown as Answers).iter.queryResult;
}

function collect(answer: QueryResult, rows: Row[]): void {
  if (answer.error) throw new TrinoFailureError(answer.error);
  const names = answer.columns?.map((column) => column.name) ?? [];
  for (const values of answer.data ?? []) {
    rows.push(Object.fromEntries(names.map((name, index) => [name, values[index]])));
  }
}

const retryPausesMs = [100, 300, 1_000];

/** Trino asks its clients to repeat a request that got 502, 503 or 504. */
async function withRetries<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const pauseMs of retryPausesMs) {
    try {
      return await request();
    } catch (error) {
      if (signal.aborted || !isOverload(error)) throw error;
      await delay(pauseMs, undefined, { signal });
    }
  }
  return await request();
}

function isOverload(error: unknown): boolean {
  const status = (error as { response?: { status?: number } }).response?.status;
  return status === 502 || status === 503 || status === 504;
}
