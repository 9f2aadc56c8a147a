import type { Socket } from 'node:net';
import { Transform } from 'node:stream';
import type { Gate } from './gate.js';

/** Bytes in a request at which something happens. */
export interface Trap {
  readonly does: 'drop-reply' | 'stop';
  readonly bytes: Buffer;
  /** How many requests it still waits for. */
  left: number;
  readonly onLast: () => void;
}

export interface ProxyRules {
  readonly traps: () => readonly Trap[];
  /** Shut while a request that was caught may not go on. */
  readonly stopped: Gate;
  /** Resolves when a chunk may go on. */
  readonly pass: () => Promise<void>;
}

/** One client's connection and the one to the server that belongs to it. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #rules: ProxyRules;
  readonly #tails = new Map<Trap, Buffer>();
  #isStopped = false;
  #dropped: Trap | undefined;

  constructor(client: Socket, server: Socket, rules: ProxyRules) {
    this.#client = client;
    this.#server = server;
    this.#rules = rules;
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => undefined);
    client.pipe(through((chunk) => this.#request(chunk))).pipe(server);
    server.pipe(through((chunk) => this.#reply(chunk))).pipe(client);
    client.once('close', () => server.destroy());
    server.once('close', () => (this.#dropped === undefined ? client.destroySoon() : client.resetAndDestroy()));
  }

  /** Both ends see a reset. */
  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  async #request(chunk: Buffer): Promise<Buffer | null> {
    await this.#rules.pass();
    for (const trap of this.#rules.traps()) if (this.#isIn(trap, chunk)) this.#spring(trap);
    if (this.#isStopped) await this.#rules.stopped.passed();
    return this.#client.destroyed ? null : chunk;
  }

  /** Whether a trap's bytes end in this chunk; they may have begun in the one before. */
  #isIn(trap: Trap, chunk: Buffer): boolean {
    const seen = Buffer.concat([this.#tails.get(trap) ?? Buffer.alloc(0), chunk]);
    this.#tails.set(trap, seen.subarray(Math.max(0, seen.length - trap.bytes.length + 1)));
    return seen.includes(trap.bytes);
  }

  #spring(trap: Trap): void {
    trap.left -= 1;
    if (trap.does === 'drop-reply') {
      this.#dropped = trap;
      return;
    }
    this.#isStopped = true;
    trap.onLast();
  }

  /** The server's reply is the sign that the request has gone through. The server is not reset: it may still be working. */
  async #reply(chunk: Buffer): Promise<Buffer | null> {
    await this.#rules.pass();
    if (this.#dropped === undefined) return chunk;
    const { left, onLast } = this.#dropped;
    this.#client.resetAndDestroy();
    if (left === 0) onLast();
    return null;
  }
}

function through(change: (chunk: Buffer) => Promise<Buffer | null>): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      change(chunk).then((result) => done(null, result ?? undefined), done);
    },
  });
}
