/** A TCP proxy that breaks connections in the ways that networks and servers do: for tests of what must survive that. */
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';
import { Gate } from './gate.js';
import { ProxiedConnection, type Trap } from './proxied-connection.js';

const host = '127.0.0.1';

/** Opens a proxy on a free port of 127.0.0.1. */
export async function openTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const proxy = new TcpProxy(() => dial(target));
  await proxy.restore();
  return proxy;
}

export class TcpProxy {
  readonly #dial: () => Socket;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #held = new Gate();
  readonly #stopped = new Gate();
  #server: Server | undefined;
  #port = 0;
  #slowMs = 0;
  #traps: Trap[] = [];

  constructor(dialTarget: () => Socket) {
    this.#dial = dialTarget;
  }

  /** Where clients connect to; stays the same through cuts. */
  get port(): number {
    return this.#port;
  }

  /** `127.0.0.1:PORT`. */
  get address(): string {
    return `${host}:${this.#port}`;
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Resets every connection and refuses new ones. */
  async cut(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    for (const connection of this.#connections) connection.reset();
    await closed;
  }

  /** Nothing passes in either direction and nobody is told: a partition of the network. New connections wait too. */
  hold(): void {
    this.#held.shut();
  }

  /** Each chunk waits so long, in both directions. */
  slow(ms: number): void {
    this.#slowMs = ms;
  }

  /**
   * The next `count` requests that hold these bytes go through; their replies do not: the client's connection is reset when the reply is
   * there. Resolves with the last of them.
   */
  dropReply(bytes: string | Buffer, count = 1): Promise<void> {
    return this.#set('drop-reply', bytes, count);
  }

  /**
   * The next request that holds these bytes stays here, with all that follows on its connection, until `restore` or the client's end.
   * Resolves when that has happened: the moment to kill whoever sent it.
   */
  stopBefore(bytes: string | Buffer): Promise<void> {
    this.#stopped.shut();
    return this.#set('stop', bytes, 1);
  }

  /** Ends `cut`, `hold`, `slow` and every trap; what was held back passes. */
  async restore(): Promise<void> {
    this.#slowMs = 0;
    this.#traps = [];
    this.#stopped.open();
    this.#held.open();
    if (this.#server !== undefined) return;
    const server = createServer((client) => this.#accept(client));
    server.listen(this.#port, host);
    await once(server, 'listening');
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await this.cut();
    this.#stopped.open();
    this.#held.open();
  }

  #set(does: Trap['does'], bytes: string | Buffer, left: number): Promise<void> {
    return new Promise((onLast) => this.#traps.push({ does, bytes: Buffer.from(bytes), left, onLast }));
  }

  #accept(client: Socket): void {
    const connection = new ProxiedConnection(client, this.#dial(), {
      traps: () => this.#traps.filter(({ left }) => left > 0),
      stopped: this.#stopped,
      pass: async () => {
        if (this.#slowMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#slowMs));
        await this.#held.passed();
      },
    });
    this.#connections.add(connection);
    client.once('close', () => this.#connections.delete(connection));
  }
}
