/** Repeatable numbers: the same seed gives the same sequence on every machine. */

/** An endless sequence of 64-bit integers as text: small, middle-sized, any size, negative, and now and then an extreme. */
export function* randomNumbers(seed: number): Generator<string, never> {
  const next = randomWords(seed);
  for (;;) yield numberOf(next);
}

const extremes = ['0', '1', '-1', '9223372036854775807', '-9223372036854775808', '1000000', '80', '71', '200', '-1000'];

function numberOf(next: () => number): string {
  const kind = next() % 100;
  if (kind < 40) return String(next() % 1_000);
  if (kind < 65) return String(next() % 1_000_000);
  if (kind < 75) return String(-(next() % 1_000_000) - 1);
  if (kind < 98) return anyInt64(next).toString();
  return extremes[next() % extremes.length] as string;
}

/** Of every length alike: a plain 64-bit number would nearly always have 18 or 19 digits. */
function anyInt64(next: () => number): bigint {
  const bits = BigInt.asIntN(64, (BigInt(next()) << 32n) | BigInt(next()));
  return bits >> BigInt(next() % 60);
}

/** sfc32 (Chris Doty-Humphrey, PractRand): unsigned 32-bit words. */
function randomWords(seed: number): () => number {
  let [a, b, c, counter] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, 0x9e3779b9, 1];
  const next = (): number => {
    const word = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return word >>> 0;
  };
  for (let round = 0; round < 15; round++) next();
  return next;
}
