import { describe, expect, test } from '@jest/globals';
import { acknowledgementLines, parseGenerateNumber } from '../../src/cli/generate-number.js';
import { Acknowledgements } from '../../src/kafka/produce-numbers.js';

const parse = (...args: string[]) => parseGenerateNumber(args, () => 99);

describe('generate_number.sh', () => {
  test('100 numbers to number_ingestion unless told otherwise', () => {
    expect(parse()).toEqual({
      topic: 'number_ingestion',
      count: 100,
      seed: 99,
      isKeyed: false,
      ratePerSecond: null,
      partitions: null,
    });
    expect(parse('5000', '--rate', '20', '--seed=7', '--keyed', '--topic', 't', '--partitions', '3')).toEqual({
      topic: 't',
      count: 5000,
      seed: 7,
      isKeyed: true,
      ratePerSecond: 20,
      partitions: 3,
    });
    expect(parse('--help')).toBeNull();
  });

  test.each([
    ['abc'],
    ['-3'],
    ['0'],
    ['1.5'],
    ['1e3'],
    [''],
    ['1', '2'],
    ['--rate', '0'],
    ['--seed', '-1'],
    ['--nonsense'],
  ])('refuses %j with exit 2', (...args) => {
    expect(() => parse(...args)).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2 }));
  });

  test('prints each partition and the total', () => {
    const request = { topic: 'number_ingestion', count: 6, seed: 1, isKeyed: false, ratePerSecond: null };
    const acknowledgements = new Acknowledgements();
    acknowledgements.add(1, 20n, 3);
    acknowledgements.add(0, 5n, 2);
    acknowledgements.add(1, 23n, 1);
    const lines = acknowledgementLines(request, acknowledgements, 500);
    expect(lines).toEqual([
      'PARTITION  RECORDS  FIRST OFFSET  LAST OFFSET',
      '        0        2             5            6',
      '        1        4            20           23',
      '6 of 6 records acknowledged in number_ingestion (seed 1, 0.5 s, 12 records/s)',
    ]);
  });
});
