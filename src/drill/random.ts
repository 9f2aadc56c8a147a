/** Numbers from 0 to 1, the same for the same seed (splitmix32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A whole number of milliseconds from `from` to `to`. */
export function between(random: Random, from: number, to: number): number {
  return Math.round(from + random() * (to - from));
}
