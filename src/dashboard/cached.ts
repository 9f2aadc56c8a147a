/** A value that is asked for at most every so often, whoever wants it; questions at the same time share one answer. */
export class Cached<T> {
  readonly #ask: () => Promise<T>;
  readonly #freshMs: number;
  #answer: { readonly value: T; readonly at: number } | undefined;
  #asking: Promise<T> | undefined;

  constructor(freshMs: number, ask: () => Promise<T>) {
    this.#freshMs = freshMs;
    this.#ask = ask;
  }

  /** The last answer, whatever its age; asks for the next one when it is old. Undefined before the first. */
  glance(): T | undefined {
    if (this.#answer === undefined || Date.now() - this.#answer.at >= this.#freshMs)
      void this.get().catch(() => undefined);
    return this.#answer?.value;
  }

  /** An answer that is fresh. */
  async get(): Promise<T> {
    if (this.#answer !== undefined && Date.now() - this.#answer.at < this.#freshMs) return this.#answer.value;
    this.#asking ??= this.#ask()
      .then((value) => {
        this.#answer = { value, at: Date.now() };
        return value;
      })
      .finally(() => {
        this.#asking = undefined;
      });
    return await this.#asking;
  }
}
