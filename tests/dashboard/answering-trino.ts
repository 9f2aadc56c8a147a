/** A hand-written Trino that answers the ledger's statement for the tables it was given; others do not exist. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TableLedger } from '../../src/trino/ledger.js';

const columns = ['kind', 'id', 'parent_id', 'committed_at', 'operation', 'value'].map((name) => ({
  name,
  type: 'varchar',
}));

export class AnsweringTrino {
  /** By `schema.table`. */
  readonly tables = new Map<string, TableLedger>();
  statements = 0;
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<AnsweringTrino> {
    const trino = new AnsweringTrino();
    await trino.start();
    return trino;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, after `stop` on the same port again. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      void textOf(request).then((sql) => {
        this.statements++;
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.#answer(sql)));
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  }

  #answer(sql: string) {
    const found = [...this.tables].find(([name]) => sql.includes(`"${name.replace('.', '"."')}$snapshots"`));
    const stats = { state: 'FINISHED' };
    if (found !== undefined) return { id: 'query', stats, columns, data: rowsOf(found[1]) };
    const error = {
      message: 'Table does not exist',
      errorName: 'TABLE_NOT_FOUND',
      errorType: 'USER_ERROR',
      errorCode: 46,
    };
    return { id: 'query', stats: { state: 'FAILED' }, error };
  }
}

function rowsOf({ snapshots, currentSnapshotId, properties }: TableLedger) {
  return [
    ...Object.entries(properties).map(([key, value]) => ['property', key, null, null, null, value]),
    ['current', currentSnapshotId, null, null, null, null],
    ...snapshots.map(({ snapshotId, parentId, committedAt, operation, summary }) => {
      return ['snapshot', snapshotId, parentId, committedAt, operation, JSON.stringify(summary)];
    }),
  ];
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
