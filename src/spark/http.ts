import fetch from 'node-fetch';

/** One HTTP answer, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Nobody answered. `wasSent` is false only when the request surely did not reach anybody. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly wasSent: boolean;

  constructor(message: string, wasSent: boolean, cause: unknown) {
    super(message, { cause });
    this.wasSent = wasSent;
  }
}

/** How long a Spark server may take. Its REST server asks the master behind it, with up to 2 minutes of its own. */
const answerTimeoutMs = 5_000;

const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);

/** Sends one request. @throws NoAnswer, or the signal's reason when it was aborted. */
export async function request(
  url: string,
  options: { method?: 'GET' | 'POST'; json?: unknown; signal?: AbortSignal | undefined; timeoutMs?: number } = {},
): Promise<Answer> {
  const { method = 'GET', json, signal, timeoutMs = answerTimeoutMs } = options;
  // Asked with a body after the abort, node-fetch destroys that body where nobody listens, which would end the process.
  signal?.throwIfAborted();
  const expired = AbortSignal.timeout(timeoutMs);
  const ends = signal === undefined ? expired : AbortSignal.any([expired, signal]);
  try {
    const response = await fetch(url, {
      method,
      signal: ends as never,
      redirect: 'manual',
      ...(json === undefined
        ? {}
        : { body: JSON.stringify(json), headers: { 'content-type': 'application/json;charset=UTF-8' } }),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    signal?.throwIfAborted();
    if (expired.aborted) throw new NoAnswer(`no answer from ${url} within ${timeoutMs / 1000} s`, true, error);
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new NoAnswer(`${new URL(url).origin}: ${reasonOf(error as Error, code)}`, !notSent.has(code), error);
  }
}

function reasonOf(error: Error, code: string): string {
  if (code === 'ECONNREFUSED') return 'connection refused';
  return code === '' ? error.message : `${code.toLowerCase()} (${error.message.split('reason: ').at(-1)})`;
}

/** The answer's JSON object; undefined when it is anything else. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
