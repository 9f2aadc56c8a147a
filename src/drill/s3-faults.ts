/** An HTTP front for an S3 server that answers some requests itself, with an error, and passes the others on byte for byte. */
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';

const host = '127.0.0.1';

/** An answer instead of the S3 server's. */
export interface S3Error {
  readonly status: number;
  /** S3's error code, as its clients expect it. */
  readonly code: string;
}

export const slowDown: S3Error = { status: 503, code: 'SlowDown' };
export const internalError: S3Error = { status: 500, code: 'InternalError' };
export const accessDenied: S3Error = { status: 403, code: 'AccessDenied' };
/** What MinIO answers when its disk is full; S3 itself has no such error. */
export const storageFull: S3Error = { status: 507, code: 'XMinioStorageFull' };

/** Decides for each request; undefined passes it on. */
export type S3Fault = (request: { readonly method: string; readonly url: string }) => S3Error | undefined;

/** A share (0 to 1) of all requests gets one of two errors. */
export function errorsForShare(share: number, random: () => number): S3Fault {
  return () => {
    if (random() >= share) return undefined;
    return random() < 0.5 ? slowDown : internalError;
  };
}

/** Every request is refused, as with keys that were revoked. */
export const forbidAll: S3Fault = () => accessDenied;

/** Reading goes on, nothing can be written. */
export const diskFull: S3Fault = ({ method }) => (method === 'PUT' || method === 'POST' ? storageFull : undefined);

/** Opens a front for the S3 server at `endpoint` (`http://host:port`) on a free port of 127.0.0.1. */
export async function openS3Faults(endpoint: string): Promise<S3Faults> {
  const front = new S3Faults(new URL(endpoint));
  await front.listen();
  return front;
}

export class S3Faults {
  readonly #target: URL;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;
  #fault: S3Fault = () => undefined;
  #failed = 0;
  #passed = 0;

  constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((request, response) => this.#answer(request, response));
    // A client that waits for it sends its body only now; nobody else has to know.
    this.#server.on('checkContinue', (request, response) => {
      response.writeContinue();
      this.#answer(request, response);
    });
  }

  /** For `ELT_S3_ENDPOINT`. */
  get endpoint(): string {
    return `http://${host}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests answered with an error, and requests passed on, so far. */
  get counts(): { readonly failed: number; readonly passed: number } {
    return { failed: this.#failed, passed: this.#passed };
  }

  async listen(): Promise<void> {
    this.#server.listen(0, host);
    await once(this.#server, 'listening');
  }

  /** From now on. */
  fail(fault: S3Fault): void {
    this.#fault = fault;
  }

  /** Every request is passed on again. */
  heal(): void {
    this.#fault = () => undefined;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const error = this.#fault({ method: request.method ?? 'GET', url: request.url ?? '/' });
    if (error === undefined) {
      this.#passed += 1;
      this.#passOn(request, response);
      return;
    }
    this.#failed += 1;
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${error.code}</Code><Message>injected by elt drill</Message></Error>`;
    request.resume().once('end', () => {
      response.writeHead(error.status, {
        'content-type': 'application/xml',
        'content-length': Buffer.byteLength(body),
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  }

  /** The signature covers the Host header: it stays what the client wrote. */
  #passOn(request: IncomingMessage, response: ServerResponse): void {
    const { hostname, port } = this.#target;
    const headers = withoutHopByHop(request.rawHeaders);
    const upstream = send({
      hostname,
      port,
      method: request.method,
      path: request.url,
      headers,
      agent: this.#agent,
      setHost: false,
    });
    upstream.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.rawHeaders));
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    upstream.once('error', () => response.destroy());
    response.once('close', () => upstream.destroy());
    request.pipe(upstream);
  }
}

/** Raw headers, names and order as they came, without those that concern one connection only. */
function withoutHopByHop(raw: readonly string[]): string[] {
  const pairs = Array.from({ length: raw.length / 2 }, (_, index) => raw.slice(2 * index, 2 * index + 2));
  return pairs.filter(([name = '']) => !/^(connection|keep-alive|expect)$/i.test(name)).flat();
}
