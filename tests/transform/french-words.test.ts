import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { frenchWords } from '../../src/transform/french-words.js';

/** The same vectors as the Java implementation's. */
const [, ...lines] = readFileSync('spark-jobs/src/test/resources/words/vectors.tsv', 'utf8').trimEnd().split('\n');
const vectors = lines.map((line) => line.split('\t'));

describe('the second opinion on French words', () => {
  test('equals the vectors in every spelling and region', () => {
    expect(vectors.length).toBeGreaterThan(50);
    for (const [number = '', traditional, reformed, belgian, swiss] of vectors) {
      const n = BigInt(number);
      if (traditional) expect([number, frenchWords(n)]).toEqual([number, traditional]);
      if (reformed) expect([number, frenchWords(n, 'reform-1990')]).toEqual([number, reformed]);
      if (belgian) expect([number, frenchWords(n, 'traditional', 'BE')]).toEqual([number, belgian]);
      if (swiss) expect([number, frenchWords(n, 'traditional', 'CH')]).toEqual([number, swiss]);
    }
  });
});
