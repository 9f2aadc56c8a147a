/** A pipeline in the middle of its work, as Redis and Trino would tell it: for pages that are to be looked at. */
import type { Redis } from 'ioredis';
import type { CheckResult } from '../../src/pipeline/check.js';
import { redisVerdicts } from '../../src/pipeline/last-verdicts.js';
import { noProgress } from '../../src/pipeline/progress.js';
import type { Run, RunState, Stage } from '../../src/pipeline/run.js';
import type { RunStore } from '../../src/pipeline/run-store.js';
import { redisBaselines } from '../../src/pipeline/verified-baseline.js';
import { type TableLedger, tableLedger } from '../../src/trino/ledger.js';
import { aRun } from '../pipeline/runs.js';
import { at, commit } from '../trino/ledgers.js';

const minuteMs = 60_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * minuteMs).toISOString();
/** A commit clock has microseconds. */
const clockAgo = (minutes: number) => ago(minutes).replace('Z', '000Z');

/** One commit a minute for the last `minutes`; the older history has expired. */
export function busyLedger(minutes: number, rowsAt: (minute: number) => number, behind = 0): TableLedger {
  let position = 4_000_000;
  const snapshots = Array.from({ length: minutes - behind }, (_, index) => {
    const minute = minutes - index;
    const rows = rowsAt(minute);
    const spec = commit({
      id: String(7_394_010_066_046_000_000n + BigInt(minutes - minute)),
      start: at(position, position + 12, position - 7),
      end: at(position + rows, position + rows + 12, position + rows - 7),
      clocks: [clockAgo(minute + 1), clockAgo(minute)],
      rows: rows * 3,
      summary: { 'total-records': String(12_000_000 + (position + rows - 4_000_000) * 3) },
    });
    position += rows;
    return { ...spec, committedAt: ago(minute), parentId: String(7_394_010_066_046_000_000n + BigInt(index - 1)) };
  });
  return tableLedger(snapshots.at(-1)?.snapshotId ?? null, snapshots, {});
}

/** A wave with a quiet spell, so that bars differ. */
export function wave(minute: number): number {
  return minute > 24 && minute < 30 ? 0 : Math.round(21_000 + 16_000 * Math.sin(minute / 5));
}

function run(id: string, stage: Stage, minutes: number, state: RunState, changes: Partial<Run>): Run {
  const isOver = state !== 'running';
  const tookMinutes = 0.7;
  return aRun(id, {
    stage,
    state,
    table: stage === 'extract' ? 'raw.numbers' : 'silver.numbers',
    requestedAt: ago(minutes),
    startedAt: ago(minutes),
    endedAt: isOver ? ago(minutes - tookMinutes) : null,
    submissionId: `driver-20261122${id.slice(9, 15)}-0001`,
    verified: isOver ? true : null,
    ...changes,
  });
}

const oneCommit = (minutes: number, rows: number, lag: number) => ({
  ...noProgress,
  rows,
  rejects: 0,
  commits: 12,
  lag,
  snapshotIds: ['7394010066046665570'],
  driverStartedAt: ago(minutes),
  lastCommitAt: ago(0.05),
});

/** Fills a Redis: EXTRACT follows, TRANSFORM drains every minute, one run failed, one check found something. */
export async function busyRedis(redis: Redis, store: RunStore, prefix: string): Promise<void> {
  const error = { code: 'unreachable', message: 'S3 at http://127.0.0.1:8333 did not answer for 600 s.' };
  const runs = [
    run('20261122t143012-q8m1zd', 'extract', 210, 'failed', {
      error,
      progress: oneCommit(210, 1_204_551, 880),
      verified: 'unknown',
      verificationReason: 'Trino at http://127.0.0.1:8090 cannot be reached',
    }),
    run('20261122t162955-b2n4xe', 'transform', 4, 'succeeded', { progress: oneCommit(4, 148_113, 0) }),
    run('20261122t163055-k7p9rw', 'transform', 3, 'succeeded', { progress: oneCommit(3, 131_926, 0) }),
    run('20261122t163155-x7k2ab', 'transform', 2, 'succeeded', {
      progress: { ...oneCommit(2, 120_004, 0), rejects: 17 },
    }),
    run('20261122t150003-h3mb6g', 'extract', 95, 'running', {
      mode: 'follow',
      verified: null,
      progress: oneCommit(95, 9_731_202, 412),
    }),
  ];
  for (const one of runs) {
    await store.create(one);
    const stored = await store.get(one.runId);
    if (stored !== null) await store.save(stored, one);
  }
  const baselines = redisBaselines(redis, prefix, 'lakehouse');
  await baselines.write('raw.numbers', {
    snapshotId: '7394010066046000055',
    committedAt: clockAgo(4),
    ingestedAt: clockAgo(4),
  });
  await baselines.write('silver.numbers', {
    snapshotId: '7394010066046000054',
    committedAt: clockAgo(4),
    ingestedAt: clockAgo(4),
  });
  const { keepVerdicts } = redisVerdicts(redis, prefix);
  await keepVerdicts('extract', 'numbers', { at: ago(4), verified: true, checks: rawChecks });
  await keepVerdicts('transform', 'numbers', { at: ago(2), verified: true, checks: silverChecks });
}

function passed(table: string, name: string, actual: string): CheckResult {
  return { name, table, verdict: 'pass', expected: '', actual, durationMs: 120, sql: `SELECT 1 -- ${name}` };
}

const rawChecks = [
  passed('raw.numbers', 'ledger-intact', 'commit ccff662c-3893-483d-9ccd-d25bd14ef29d'),
  passed('raw.numbers', 'positions-contiguous', '60 ledger commits in one line'),
  passed('raw.numbers', 'no-duplicate-lineage', 'each record at most once'),
  passed('raw.numbers', 'offsets-within-position', '9731202 rows, all inside'),
];

const silverChecks = [
  passed('silver.numbers', 'raw-equals-silver-plus-rejects', '120021 = 120004 + 17 rows'),
  passed('silver.numbers', 'words-recomputed', '1000 rows alike'),
];
