/** The little HTTP that the dashboard needs, as values. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from './sessions.js';

export interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** What the route's pattern caught, e.g. a run id. */
  readonly caught: readonly string[];
  readonly address: string;
  readonly session: Session | null;
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
}

const mostBodyBytes = 4_096;

/** A small body as text; null when it is larger than any form of ours. */
export async function readBody(raw: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBodyBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function json(status: number, value: unknown): Reply {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

/** An error in the shape that `-o json` prints. */
export function problem(status: number, code: string, message: string, hint: string | null = null): Reply {
  return json(status, { error: { code, message, hint } });
}

export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 303, headers: { ...headers, location } };
}

export function send(
  response: ServerResponse,
  { status, type, headers = {}, body = '' }: Reply,
  isHead: boolean,
): void {
  const length = Buffer.byteLength(body);
  const typed = type === undefined ? {} : { 'content-type': type };
  response.writeHead(status, { ...typed, 'content-length': length, ...headers });
  response.end(isHead ? undefined : body);
}
