import { describe, expect, test } from '@jest/globals';
import { Acknowledgements, recordValue } from '../../src/drill/numbered-records.js';

describe('numbered records', () => {
  test('now and then one is no number', () => {
    const values = Array.from({ length: 100 }, (_, n) => recordValue(n));
    expect(values.filter((value) => !/^\d+$/.test(value))).toEqual([
      'record 49 is no number',
      'record 99 is no number',
    ]);
    expect(new Set(values).size).toBe(100);
  });

  test('what was sent at each offset, holes left out', () => {
    const sent = new Acknowledgements();
    sent.add({ partition: 0, offset: 0, firstNumber: 0, count: 3 });
    sent.add({ partition: 1, offset: 0, firstNumber: 3, count: 3 });
    // Offsets 3 to 5 were written, but nobody acknowledged them: the batch was sent again.
    sent.add({ partition: 0, offset: 6, firstNumber: 6, count: 3 });
    expect(sent.count).toBe(9);
    expect([...sent.ends]).toEqual([
      [0, 9],
      [1, 3],
    ]);
    expect([...sent.valuesIn(0, 1, 8)]).toEqual([
      [1, '1'],
      [2, '2'],
      [6, '6'],
      [7, '7'],
    ]);
    expect([...sent.valuesIn(1, 3, 9)]).toEqual([]);
  });

  test('the ends are a picture of the moment', () => {
    const sent = new Acknowledgements();
    sent.add({ partition: 0, offset: 0, firstNumber: 0, count: 5 });
    const { ends } = sent;
    sent.add({ partition: 0, offset: 5, firstNumber: 5, count: 5 });
    expect([...ends]).toEqual([[0, 5]]);
  });
});
