import { Trino } from 'trino-client';
import type { ConfigValues } from '../commons/config-schema.js';
import { unreachable } from '../commons/errors.js';
import { failureOf, queryFailed, timedOut } from './failure.js';
import { drive, type Polling, type Row } from './polling.js';

export type { Row } from './polling.js';

export interface QueryOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the whole statement; `trino.timeout` by default. */
  readonly timeoutMs?: number | undefined;
}

export interface TrinoOptions {
  /** Ends every query of this client. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads and writes through Trino. */
export interface TrinoClient {
  /** The server's URL, for messages. */
  readonly address: string;
  /** The Iceberg catalog that holds the tables. */
  readonly catalog: string;
  /**
   * All rows of one statement. Throws EltError `unreachable` (exit 5), `trino-timed-out` (124) or `trino-query-failed`,
   * and the signal's own reason when it was aborted. A statement that did not finish is cancelled on the server.
   */
  query(sql: string, options?: QueryOptions): Promise<Row[]>;
  /** Ends whatever still runs. */
  close(): Promise<void>;
}

type TrinoConfig = ConfigValues['trino'];

/** How long one HTTP answer may take. Trino answers a poll within 1 s even when the statement has nothing to say. */
const answerTimeoutMs = 10_000;

/** Opens a client. Nothing is connected before the first query. */
export function openTrino(config: TrinoConfig, options: TrinoOptions = {}): TrinoClient {
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();

  const query = async (sql: string, { signal, timeoutMs = config.timeout }: QueryOptions = {}): Promise<Row[]> => {
    const aborts = [closing.signal, options.signal, signal].filter((one) => one !== undefined);
    const outcome = runStatement(config, sql, AbortSignal.any(aborts), timeoutMs);
    running.add(outcome);
    try {
      return await outcome;
    } finally {
      running.delete(outcome);
    }
  };

  const close = async (): Promise<void> => {
    closing.abort(new Error('the Trino client was closed'));
    await Promise.allSettled(running);
  };

  return { address: config.url, catalog: config.catalog, query, close };
}

async function runStatement(config: TrinoConfig, sql: string, aborted: AbortSignal, timeoutMs: number): Promise<Row[]> {
  aborted.throwIfAborted();
  const expired = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([aborted, expired]);
  const polling: Polling = { queryId: null, isFinished: false };
  try {
    return await drive(connect(config, signal), sql, signal, polling);
  } catch (error) {
    aborted.throwIfAborted();
    const failure = failureOf(error);
    if (failure !== null) throw queryFailed(config.url, sql, failure);
    if (expired.aborted && polling.queryId !== null) throw timedOut(config.url, sql, timeoutMs);
    const hint = 'Is it up? elt stack status. To use another Trino: ELT_TRINO_URL.';
    throw unreachable('Trino', config.url, new Error(reasonOf(error)), hint);
  } finally {
    if (polling.queryId !== null && !polling.isFinished) await cancel(config, polling.queryId);
  }
}

/** One line: an axios error carries its whole request, which nobody wants in a log. */
function reasonOf(error: unknown): string {
  const { message, code, response } = error as { message?: string; code?: string; response?: { status?: number } };
  if (response?.status === 401 || response?.status === 403) return `it refused the user (HTTP ${response.status})`;
  return message || code || String(error);
}

/** Best effort and bounded: a server that is gone has nothing to cancel. */
async function cancel(config: TrinoConfig, queryId: string): Promise<void> {
  await connect(config, AbortSignal.timeout(2_000))
    .cancel(queryId)
    .catch(() => undefined);
}

/** A field that trino-client 0.2.9 keeps to itself: the settings of its axios. */
interface HttpSettings {
  client: { clientConfig: { timeout?: number; signal?: AbortSignal } };
}

/** trino-client knows neither time-outs nor signals; axios under it does. Its user would default to $USER, unset in containers. */
function connect(config: TrinoConfig, signal: AbortSignal): Trino {
  const trino = Trino.create({
    server: config.url,
    catalog: config.catalog,
    source: 'elt',
    extraHeaders: { 'X-Trino-User': config.user },
  });
  const settings = (trino as unknown as HttpSettings).client.clientConfig;
  settings.timeout = answerTimeoutMs;
  settings.signal = signal;
  return trino;
}
