import { describe, expect, test } from '@jest/globals';
import { CronExpressionParser } from 'cron-parser';
import { cronProblem, isTimeZone } from '../../src/commons/cron.js';

describe('a cron expression', () => {
  test.each([
    '* * * * *',
    '0 * * * *',
    '*/5 0-6,22-23 * * mon-fri',
    '30 2 1,15 jan,JUL *',
    '0 0 29 2 *',
    '59 23 31 12 7',
    '5/10 * * * 0',
  ])('%p is accepted, and BullMQ can read it', (text) => {
    expect(cronProblem(text)).toBeNull();
    expect(CronExpressionParser.parse(text, { tz: 'Europe/Paris' }).next().getTime()).toBeGreaterThan(Date.now());
  });

  test.each([
    ['', /expected five fields.*got ""/],
    ['hourly', /expected five fields.*got "hourly"/],
    ['0 0 * * * *', /expected five fields/],
    ['60 * * * *', /the minute "60" is none of 0-59/],
    ['* 24 * * *', /the hour "24"/],
    ['* * 0 * *', /the day of month "0"/],
    ['* * * 13 *', /the month "13"/],
    ['* * * * 8', /the day of week "8"/],
    ['*/0 * * * *', /the minute "\*\/0"/],
    ['9-3 * * * *', /the minute "9-3"/],
    ['0 0 30 2 *', /a date that exists, got day 30 of month 2/],
    ['$(reboot) * * * *', /the minute "\$\(reboot\)"/],
    ['0 * * * *; true', /expected five fields/],
  ])('%p is refused, with what was expected', (text, message) => {
    expect(cronProblem(text)).toMatch(message);
  });
});

test('time zones are those of the tz database', () => {
  expect(['UTC', 'Europe/Paris', 'America/Argentina/Buenos_Aires'].filter(isTimeZone)).toHaveLength(3);
  expect(['', 'Mars/Base', 'Europe', '../etc', 'Europe/Paris\n'].filter(isTimeZone)).toEqual([]);
});
