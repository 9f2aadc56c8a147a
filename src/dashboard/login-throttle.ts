/** Wrong passwords that an address may try at once. */
const mostAtOnce = 5;
/** After those: one try each. */
const oneTryEveryMs = 2_000;
/** Addresses that are remembered; the one that was quiet for longest is forgotten first. */
const mostAddresses = 1_000;

interface Attempts {
  readonly left: number;
  readonly at: number;
}

/** Slows down whoever guesses passwords: a bucket of tries for each address, which fills again with time. Nothing in here waits. */
export class LoginThrottle {
  readonly #now: () => number;
  readonly #attempts = new Map<string, Attempts>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** 0 when the address may try now, which counts as a try; otherwise how long it has to wait. */
  take(address: string): number {
    const now = this.#now();
    const before = this.#attempts.get(address) ?? { left: mostAtOnce, at: now };
    const left = Math.min(mostAtOnce, before.left + (now - before.at) / oneTryEveryMs);
    this.#attempts.delete(address);
    this.#attempts.set(address, { left: left >= 1 ? left - 1 : left, at: now });
    this.#forgetQuietest();
    return left >= 1 ? 0 : Math.ceil((1 - left) * oneTryEveryMs);
  }

  /** The right password: earlier mistakes are forgiven. */
  forgive(address: string): void {
    this.#attempts.delete(address);
  }

  #forgetQuietest(): void {
    const [quietest] = this.#attempts.keys();
    if (this.#attempts.size > mostAddresses && quietest !== undefined) this.#attempts.delete(quietest);
  }
}
