import { describe, expect, test } from '@jest/globals';
import { wordsColumns } from '../../src/transform/words-columns.js';

describe('columns with number words', () => {
  test('are found with the column of the number', () => {
    const sql = `-- a comment, with commas
      SELECT integer_from_text(kafka_value) AS number,
             number_to_french( integer_from_text( kafka_value ) ) AS words, integer_reject_reason(kafka_value) AS reject_reason
      FROM raw`;
    expect(wordsColumns(sql)).toEqual([{ number: 'number', words: 'words', spelling: 'traditional', region: 'FR' }]);
  });

  test('with spelling and region', () => {
    const sql = "select kafka_offset n, NUMBER_TO_FRENCH(kafka_offset, 'reform-1990', 'CH') `mots` from raw";
    expect(wordsColumns(sql)).toEqual([{ number: 'n', words: 'mots', spelling: 'reform-1990', region: 'CH' }]);
    expect(wordsColumns('SELECT kafka_offset, number_to_french(kafka_offset) AS w FROM raw')[0]?.number).toBe(
      'kafka_offset',
    );
  });

  test('not where the number itself is no column of SILVER', () => {
    expect(wordsColumns('SELECT number_to_french(kafka_offset) AS words FROM raw')).toEqual([]);
    expect(wordsColumns('SELECT kafka_value AS v FROM raw')).toEqual([]);
    expect(wordsColumns('')).toEqual([]);
  });
});
