/** Closes what was opened, in reverse order. */
export class ReleaseStack {
  readonly #closers: { readonly name: string; readonly close: () => unknown }[] = [];

  /** Remembers how to close something; returns it, so that opening and pushing is one expression. */
  push<T>(name: string, resource: T, close: (resource: T) => unknown): T {
    this.#closers.push({ name, close: () => close(resource) });
    return resource;
  }

  /** Closes everything even when some closings fail; then throws the first error. A second call does nothing. */
  async release(): Promise<void> {
    let first: { readonly error: unknown } | undefined;
    for (let closer = this.#closers.pop(); closer !== undefined; closer = this.#closers.pop()) {
      try {
        await closer.close();
      } catch (error) {
        first ??= { error: new Error(`closing ${closer.name} failed`, { cause: error }) };
      }
    }
    if (first !== undefined) throw first.error;
  }

  /** Runs `action` with a stack that is released whatever happens; an error of `action` wins over one of closing. */
  static async using<T>(action: (releases: ReleaseStack) => Promise<T>): Promise<T> {
    const releases = new ReleaseStack();
    let result: T;
    try {
      result = await action(releases);
    } catch (error) {
      await releases.release().catch(() => undefined);
      throw error;
    }
    await releases.release();
    return result;
  }
}
