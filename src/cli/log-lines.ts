/** A run's log for people. Pure. */
import type { RunLogEntry } from '../pipeline/run-log.js';

/** One line an entry, times in UTC; the day is said where it changes, the attempt where there is more than one. */
export function logLines(log: readonly RunLogEntry[]): readonly string[] {
  const hasAttempts = log.some(({ attempt }) => attempt > 1);
  const width = Math.max(0, ...log.map(({ what }) => what.length));
  let day = '';
  return log.flatMap(({ at, attempt, what, evidence }) => {
    const heading = at.slice(0, 10) === day ? [] : [`${at.slice(0, 10)} UTC`];
    day = at.slice(0, 10);
    const number = hasAttempts ? `#${attempt}`.padEnd(5) : '';
    return [...heading, `${at.slice(11, 23)}  ${number}${what.padEnd(width)}  ${evidence}`.trimEnd()];
  });
}
