import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer of the fake server; `undefined` leaves the request hanging. */
export type Answer = { readonly status?: number; readonly body: unknown } | undefined;

/** A hand-written Trino: answers statements and polls in order, and remembers what it was asked. */
export class FakeTrino {
  readonly requests: { method: string; path: string; user: string | undefined; body: string }[] = [];
  readonly #server: Server;
  readonly #answers: Answer[];

  private constructor(answers: Answer[]) {
    this.#answers = answers;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** `$` in `nextUri` stands for the server's address. */
  static async start(answers: Answer[]): Promise<FakeTrino> {
    const fake = new FakeTrino(answers);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get cancelled(): string[] {
    return this.requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const user = request.headers['x-trino-user'] as string | undefined;
    const body = Buffer.concat(chunks).toString();
    this.requests.push({ method: request.method ?? '', path: request.url ?? '', user, body });
    if (request.method === 'DELETE') {
      response.writeHead(204).end();
      return;
    }
    const answer = this.#answers.shift();
    if (answer === undefined) return;
    const text = JSON.stringify(answer.body).replaceAll('$', this.url);
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(text);
  }
}
