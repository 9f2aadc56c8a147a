/** Modules that are loaded when they are first needed, because most commands do without them. */

const lazies = new Set<() => Promise<unknown>>();

/**
 * A module that is loaded with the first call and then kept. `import()` again would look for the file again, and a new build may have
 * taken it away meanwhile.
 */
export function lazy<T>(load: () => Promise<T>): () => Promise<T> {
  let module: Promise<T> | undefined;
  const get = () => {
    module ??= load();
    return module;
  };
  lazies.add(get);
  return get;
}

/** Loads all of them now: for programs that run for days. */
export async function loadAll(): Promise<void> {
  await Promise.all([...lazies].map((get) => get()));
}
