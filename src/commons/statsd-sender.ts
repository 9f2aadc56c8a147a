import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { StatsD } from 'hot-shots';
import { lazy } from './lazy.js';
import { parseStatsdAddress } from './statsd-address.js';

/** More in one datagram would be cut into fragments, of which a loaded receiver loses some. */
const datagramBytes = 1432;
const closeWithinMs = 1_000;
/** The name is looked up so often: its address may change. */
const lookupEveryMs = 60_000;
/** Measurements kept until the first lookup has an answer. */
const mostPending = 10_000;

/** Most commands measure nothing. */
const hotShots = lazy(() => import('hot-shots'));

type Action = (client: StatsD) => void;

/**
 * Sends datagrams to a host and port. hot-shots would look the name up for every datagram, and a name server that is down would then keep all of
 * Node's threads busy: it is looked up here, once at a time.
 */
export class StatsdSender {
  readonly #host: string;
  readonly #port: number;
  readonly #onTrouble: (error: Error) => void;
  #client: { readonly address: string; readonly statsd: StatsD } | undefined;
  #pending: Action[] = [];
  #lookup: Promise<void> | undefined;
  #lookedUpAt = Number.NEGATIVE_INFINITY;
  #hasFailed = false;

  /** `onTrouble` hears of the first failure only. */
  constructor(address: string, onTrouble: (error: Error) => void) {
    const parsed = parseStatsdAddress(address);
    if (parsed === undefined) throw new Error(`metrics.statsd: expected host:port, got "${address}"`);
    this.#host = parsed.host;
    this.#port = parsed.port;
    this.#onTrouble = onTrouble;
  }

  send(action: Action): void {
    this.#refresh();
    if (this.#client !== undefined) action(this.#client.statsd);
    else if (this.#pending.length < mostPending) this.#pending.push(action);
  }

  /** Sends what is buffered; gives up after a second. */
  async close(): Promise<void> {
    await within(closeWithinMs, (done) => void (this.#lookup ?? Promise.resolve()).then(done));
    const { statsd } = this.#client ?? {};
    if (statsd !== undefined) await within(closeWithinMs, (done) => statsd.close(done));
  }

  #refresh(): void {
    const isDue = performance.now() - this.#lookedUpAt > lookupEveryMs;
    const isFixed = this.#client !== undefined && isIP(this.#host) !== 0;
    if (isFixed || this.#lookup !== undefined || !isDue) return;
    this.#lookedUpAt = performance.now();
    this.#lookup = Promise.all([hotShots(), addressOf(this.#host)])
      .then(([{ StatsD }, address]) => this.#use(StatsD, address))
      .catch(this.#fail)
      .finally(() => {
        this.#lookup = undefined;
      });
  }

  #use(Client: typeof StatsD, address: string): void {
    if (this.#client?.address === address) return;
    this.#client?.statsd.close(() => {});
    const statsd = new Client({
      host: address,
      port: this.#port,
      maxBufferSize: datagramBytes,
      includeDataDogTags: false,
      includeDatadogTelemetry: false,
      errorHandler: this.#fail,
    });
    this.#client = { address, statsd };
    for (const action of this.#pending.splice(0)) action(statsd);
  }

  readonly #fail = (error: Error): void => {
    if (!this.#hasFailed) this.#onTrouble(error);
    this.#hasFailed = true;
  };
}

async function addressOf(host: string): Promise<string> {
  return isIP(host) === 0 ? (await lookup(host)).address : host;
}

async function within(ms: number, start: (done: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    const impatience = setTimeout(resolve, ms);
    start(() => {
      clearTimeout(impatience);
      resolve();
    });
  });
}
