import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Session {
  readonly id: string;
  readonly expiresAt: number;
}

const livesMs = 12 * 3_600_000;

/**
 * Signed session cookies. The key is made at each start, so a restart ends every session; nothing is stored but the sessions that
 * were ended by hand.
 */
export class Sessions {
  readonly #key = randomBytes(32);
  readonly #ended = new Map<string, number>();
  readonly #onEnd = new Map<string, Set<() => void>>();
  readonly #cookieName: string;
  readonly #now: () => number;

  /** Cookies do not know ports: the name tells apart dashboards of one host. */
  constructor(port: number, now: () => number = Date.now) {
    this.#cookieName = `elt_session_${port}`;
    this.#now = now;
  }

  /** The `Set-Cookie` of a new session. */
  begin(): string {
    const payload = `${randomBytes(16).toString('base64url')}.${this.#now() + livesMs}`;
    return this.#cookie(`${payload}.${this.#sign(`session ${payload}`)}`, livesMs / 1000);
  }

  /** The session that a `Cookie` header carries; null for none, a forged, an expired or an ended one. */
  find(cookieHeader: string | undefined): Session | null {
    const value = cookiesOf(cookieHeader).get(this.#cookieName);
    const [id, expiry, signature, ...rest] = (value ?? '').split('.');
    if (!id || !expiry || !signature || rest.length > 0) return null;
    if (!isSame(signature, this.#sign(`session ${id}.${expiry}`))) return null;
    const session = { id, expiresAt: Number(expiry) };
    return session.expiresAt > this.#now() && !this.#ended.has(id) ? session : null;
  }

  /** Ends a session now; the `Set-Cookie` that removes it. */
  end({ id, expiresAt }: Session): string {
    this.#ended.set(id, expiresAt);
    for (const [one, expiry] of this.#ended) if (expiry < this.#now()) this.#ended.delete(one);
    for (const listener of this.#onEnd.get(id) ?? []) listener();
    return this.#cookie('', 0);
  }

  /** Calls `listener` when the session is ended or expires, until the returned function is called. */
  whenOver({ id, expiresAt }: Session, listener: () => void): () => void {
    const listeners = this.#onEnd.get(id) ?? new Set();
    this.#onEnd.set(id, listeners.add(listener));
    const expiry = setTimeout(listener, expiresAt - this.#now());
    return () => {
      clearTimeout(expiry);
      listeners.delete(listener);
      if (listeners.size === 0 && this.#onEnd.get(id) === listeners) this.#onEnd.delete(id);
    };
  }

  /** The token that a session's own page sends with every change. */
  csrfToken({ id }: Session): string {
    return this.#sign(`csrf ${id}`);
  }

  isCsrfToken(session: Session, given: string): boolean {
    return isSame(given, this.csrfToken(session));
  }

  #cookie(value: string, seconds: number): string {
    return `${this.#cookieName}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`;
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

function cookiesOf(header = ''): ReadonlyMap<string, string> {
  const pairs = header.split(';').map((part): [string, string] => {
    const at = part.indexOf('=');
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  });
  return new Map(pairs);
}

function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
