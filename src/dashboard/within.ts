/** The outcome of a promise, or a rejection once it takes too long: connections that wait for ever must not hold up a page. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not answer within ${ms / 1000} s`)), ms);
  });
  promise.catch(() => undefined);
  return await Promise.race([promise, tooLate]).finally(() => clearTimeout(timer));
}
