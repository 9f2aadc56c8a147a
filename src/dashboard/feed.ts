/** The overview as a stream: looked at once a second while somebody watches, once for all who do. */
import type { Overview } from './overview-model.js';

type Listener = (overview: Overview) => void;

const lookEveryMs = 1_000;

export class Feed {
  readonly #look: () => Promise<Overview>;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | undefined;
  #newest: { readonly overview: Overview; readonly at: number } | undefined;
  #looking: Promise<Overview> | undefined;

  constructor(look: () => Promise<Overview>) {
    this.#look = look;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** The overview as it is now, at most a second old. */
  async now(): Promise<Overview> {
    if (this.#newest !== undefined && Date.now() - this.#newest.at < lookEveryMs) return this.#newest.overview;
    this.#looking ??= this.#look()
      .then((overview) => {
        this.#newest = { overview, at: Date.now() };
        return overview;
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return await this.#looking;
  }

  /** Tells every look until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    const first = this.now().then((overview) => {
      if (this.#listeners.has(listener)) listener(overview);
    });
    first.catch(() => undefined);
    this.#timer ??= setTimeout(() => void this.#round(), lookEveryMs);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  async #round(): Promise<void> {
    // What cannot be asked is part of an overview; should one fail all the same, the next may not.
    const overview = await this.now().catch(() => undefined);
    if (overview !== undefined) for (const listener of this.#listeners) listener(overview);
    this.#timer = this.#listeners.size === 0 ? undefined : setTimeout(() => void this.#round(), lookEveryMs);
  }
}
