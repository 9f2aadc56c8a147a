import { describe, expect, jest, test } from '@jest/globals';
import { loadConfig } from '../../src/commons/config.js';
import { rowsAfter, rowsPerMinute } from '../../src/dashboard/ledger-sums.js';
import { LoginThrottle } from '../../src/dashboard/login-throttle.js';
import { overviewOf } from '../../src/dashboard/overview.js';
import { Sessions } from '../../src/dashboard/sessions.js';
import type { PipelineFacts } from '../../src/dashboard/table-facts.js';
import { tableLedger } from '../../src/trino/ledger.js';
import { at, clock, commit } from '../trino/ledgers.js';

const now = new Date('2026-11-22T16:35:30Z');
const committed = (minute: number) => `2026-11-22T16:${minute}:10.000Z`;

/** Commits of so many rows at those minutes of 16 h; the first one's parent has expired when `isCut`. */
function ledger(commits: readonly (readonly [minute: number, rows: number])[], isCut = false) {
  const snapshots = commits.map(([minute, rows], index) => ({
    ...commit({ id: String(index + 1), start: at(0), end: at(rows), clocks: [null, clock(index + 1)], rows }),
    committedAt: committed(minute),
    parentId: index === 0 ? (isCut ? '999' : null) : String(index),
  }));
  return tableLedger(String(commits.length), snapshots, {});
}

describe('sums over a ledger', () => {
  test('rows fall into the minutes in which they were committed', () => {
    const rows = rowsPerMinute(
      ledger([
        [30, 7],
        [34, 10],
        [34, 5],
        [35, 2],
      ]),
      now,
      6,
    );
    expect(rows).toEqual([7, 0, 0, 0, 15, 2]);
  });

  test('what expired snapshots knew is unknown, not 0', () => {
    expect(
      rowsPerMinute(
        ledger(
          [
            [33, 10],
            [35, 2],
          ],
          true,
        ),
        now,
        6,
      ),
    ).toEqual([null, null, null, 10, 0, 2]);
  });

  test('rows after a clock are those of later commits; unknown where the ledger does not reach back', () => {
    const whole = ledger([
      [30, 7],
      [34, 10],
      [35, 2],
    ]);
    expect(rowsAfter(whole, clock(1))).toBe(12n);
    expect(rowsAfter(whole, clock(3))).toBe(0n);
    expect(rowsAfter(whole, null)).toBe(19n);
    const cut = ledger(
      [
        [30, 7],
        [34, 10],
        [35, 2],
      ],
      true,
    );
    expect(rowsAfter(cut, null)).toBeNull();
    expect(rowsAfter(cut, clock(2))).toBe(2n);
  });
});

describe('the overview', () => {
  const config = loadConfig({
    env: { ELT_STACK_DIR: '/nonexistent' },
    cwd: '/nonexistent',
    flags: { 'pipelines.numbers.extract.topic': 'numbers', 'pipelines.numbers.extract.table': 'raw.numbers' },
  });
  const stageOf = (facts: PipelineFacts | undefined) => {
    const overview = overviewOf({
      config,
      now,
      runFacts: null,
      redisProblem: 'Redis at redis://127.0.0.1:1 cannot be reached: no connection',
      tables: new Map([['numbers', facts]]),
    });
    return { overview, stage: overview.pipelines[0]?.stages[0] };
  };
  const nothing = { raw: null, silver: null, offsets: null, unread: null, trinoProblem: null, kafkaProblem: null };

  test('nothing is known, so nothing is 0', () => {
    const { overview, stage } = stageOf(undefined);
    expect(stage).toMatchObject({
      phase: null,
      workers: null,
      lag: null,
      rowsPerSecond: null,
      tableRows: null,
      hasTable: null,
      timeToLossSeconds: null,
    });
    expect(overview.runs).toBeNull();
    expect(overview.sources.map(({ isUp }) => isUp)).toEqual([false, null, null]);
    expect(JSON.stringify(overview)).not.toMatch(/:"?0"?[,}]/);
  });

  test('a Trino that is down leaves tables unknown and says why', () => {
    const down = { ...nothing, trinoProblem: { message: 'Trino at http://t cannot be reached', isOutage: true } };
    const { overview, stage } = stageOf(down);
    expect(stage).toMatchObject({ hasTable: null, lag: null, tableRows: null });
    expect(overview.pipelines[0]).toMatchObject({ partitions: [], minute: null, perMinute: [] });
    expect(overview.sources[1]).toEqual({ name: 'Trino', isUp: false, message: 'Trino at http://t cannot be reached' });
  });

  test('time to loss is what the oldest unread record has left of the retention', () => {
    const unread = { records: 5n, oldestAt: now.getTime() - 3_600_000, retentionMs: 7_200_000 };
    expect(stageOf({ ...nothing, unread }).stage).toMatchObject({ timeToLossSeconds: 3_600, isLostByAge: true });
    expect(stageOf({ ...nothing, unread: { ...unread, oldestAt: 0 } }).stage?.timeToLossSeconds).toBe(0);
    const forever = { ...unread, retentionMs: null };
    expect(stageOf({ ...nothing, unread: forever }).stage).toMatchObject({
      timeToLossSeconds: null,
      isLostByAge: false,
    });
    expect(stageOf(nothing).stage).toMatchObject({ timeToLossSeconds: null, isLostByAge: null });
  });

  test('a topic that does not exist is no outage of Kafka', () => {
    const missing = { ...nothing, kafkaProblem: { message: 'Topic "numbers" does not exist', isOutage: false } };
    const { overview } = stageOf(missing);
    expect(overview.sources[2]).toMatchObject({ isUp: true, message: null });
    expect(overview.pipelines[0]?.problem).toContain('does not exist');
  });

  test('Kafka down: positions are known, ends and lag are not', () => {
    const raw = { table: 'raw.numbers', ledger: ledger([[34, 10]]) };
    const { overview, stage } = stageOf({
      ...nothing,
      raw,
      kafkaProblem: { message: 'Kafka cannot be reached', isOutage: true },
    });
    expect(overview.pipelines[0]?.partitions).toEqual([
      expect.objectContaining({ position: '10', end: null, lag: null }),
    ]);
    expect(stage?.lag).toBeNull();
  });
});

test('a session tells who waits when it expires, and only them', () => {
  jest.useFakeTimers({ now: 0 });
  try {
    const sessions = new Sessions(1);
    const session = sessions.find(sessions.begin().split(';')[0]);
    if (session === null) throw new Error('no session');
    const told: string[] = [];
    sessions.whenOver(session, () => told.push('waits'));
    sessions.whenOver(session, () => told.push('has gone'))();
    jest.advanceTimersByTime(session.expiresAt - 1);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told).toEqual(['waits']);
  } finally {
    jest.useRealTimers();
  }
});

test('the throttle lets a few tries through, then one every two seconds, and knows addresses apart', () => {
  let time = 0;
  const throttle = new LoginThrottle(() => time);
  const tries = Array.from({ length: 7 }, () => throttle.take('a'));
  expect(tries.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  expect(tries.slice(5)).toEqual([2_000, 2_000]);
  expect(throttle.take('b')).toBe(0);
  time = 1_999;
  expect(throttle.take('a')).toBe(1);
  time = 2_001;
  expect(throttle.take('a')).toBe(0);
  expect(throttle.take('a')).toBeGreaterThan(0);
  throttle.forgive('a');
  expect(throttle.take('a')).toBe(0);
});
