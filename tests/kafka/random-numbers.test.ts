import { describe, expect, test } from '@jest/globals';
import { randomNumbers } from '../../src/kafka/random-numbers.js';

function take(count: number, seed: number): string[] {
  const numbers = randomNumbers(seed);
  return Array.from({ length: count }, () => numbers.next().value);
}

describe('random numbers', () => {
  test('the same seed gives the same numbers, another seed others', () => {
    expect(take(1_000, 42)).toEqual(take(1_000, 42));
    expect(take(1_000, 42)).not.toEqual(take(1_000, 43));
    expect(take(10, 2 ** 32 + 42)).not.toEqual(take(10, 42));
  });

  test('they are 64-bit integers: small, large, negative and extreme', () => {
    const numbers = take(20_000, 7).map(BigInt);
    expect(numbers.every((n) => BigInt.asIntN(64, n) === n)).toBe(true);
    const share = (is: (n: bigint) => boolean) => numbers.filter(is).length / numbers.length;
    expect(share((n) => n >= 0n && n < 1_000n)).toBeGreaterThan(0.3);
    expect(share((n) => n < 0n)).toBeGreaterThan(0.1);
    expect(share((n) => n > 1_000_000_000n)).toBeGreaterThan(0.02);
    expect(numbers).toContain(9223372036854775807n);
    expect(numbers).toContain(-9223372036854775808n);
  });

  test('stay as they are: a seed written down today means the same tomorrow', () => {
    expect(take(8, 1)).toEqual(['14882', '-49376', '230', '485', '287010558', '-158027', '723', '14828308238']);
  });
});
