import { describe, expect, test } from '@jest/globals';
import { oldest } from '../../src/kafka/unread.js';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 22, 12);

describe('the age of the oldest unread record', () => {
  test.each([1, 999, 61_000, hour, 30 * 24 * hour])('%i ms old: found to the second, never younger', async (age) => {
    let questions = 0;
    const found = await oldest(
      async (time) => {
        questions += 1;
        return now - age < time;
      },
      now,
      7 * 24 * hour,
    );
    expect(found).toBeLessThanOrEqual(now - age);
    expect(now - age - found).toBeLessThanOrEqual(1_000);
    expect(questions).toBeLessThan(45);
  });

  test('a record from the future is as old as now; one older than any search as old as the search goes back', async () => {
    expect(await oldest(async () => false, now, null)).toBe(now);
    expect(await oldest(async () => true, now, null)).toBeLessThanOrEqual(now - 365 * 24 * hour);
  });
});
