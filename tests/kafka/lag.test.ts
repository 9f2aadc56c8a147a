import { describe, expect, test } from '@jest/globals';
import { lagOf } from '../../src/kafka/lag.js';
import { at, topicId } from '../trino/ledgers.js';

const offsets = { '0': { earliest: '10', end: '100' }, '1': { earliest: '0', end: '9223372036854775807' } };

describe('lag', () => {
  test('counts what is still to be read, with all digits', () => {
    expect(lagOf(at(40, 1), offsets)).toEqual({
      total: '9223372036854775866',
      partitions: { '0': '60', '1': '9223372036854775806' },
    });
  });

  test('an unknown partition and one overtaken by retention count from the earliest offset', () => {
    expect(lagOf(at(5), { '0': offsets['0'], '2': { earliest: '7', end: '9' } })).toEqual({
      total: '92',
      partitions: { '0': '90', '2': '2' },
    });
  });

  test('is never negative, and a closed generation does not count', () => {
    expect(lagOf(at(200), { '0': offsets['0'] }).total).toBe('0');
    expect(lagOf([{ topicId, offsets: { '0': '99' }, closed: true }], { '0': offsets['0'] }).total).toBe('90');
  });
});
