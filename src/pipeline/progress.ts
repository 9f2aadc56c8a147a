/** What a driver's stdout says of its run. Pure. */
import type { Position } from '../commons/position.js';
import type { TableCommit } from './table-commit.js';

export interface DriverEnd {
  readonly state: 'succeeded' | 'stopped' | 'failed' | 'fenced';
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** One step of MAINTAIN on one table. */
export interface MaintenanceStep {
  readonly table: string;
  /** `metadata`, `compact`, `manifests`, `expire`, `orphans`; `table` for all of them. */
  readonly step: string;
  /** False: planned only, or left out. */
  readonly isDone: boolean;
  /** For people. */
  readonly text: string;
  /** The numbers that `text` tells. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Sums over all attempts of a run. */
export interface Progress {
  /** Null until the driver said anything about rows. */
  readonly rows: number | null;
  readonly rejects: number | null;
  readonly commits: number;
  readonly startPosition: Position | null;
  readonly endPosition: Position | null;
  /** The newest ones of a long run. */
  readonly snapshotIds: readonly string[];
  /** Rows not yet read, as of the last commit. */
  readonly lag: number | null;
  readonly driverStartedAt: string | null;
  readonly lastCommitAt: string | null;
  /** What MAINTAIN found and did, the newest steps; absent for the other stages. */
  readonly maintenance?: readonly MaintenanceStep[];
  /** Something outside is down and the driver tries again. */
  readonly waiting: string | null;
  /** The driver's last word; null until it ended. */
  readonly end: DriverEnd | null;
  /** Bytes of stdout read so far. */
  readonly logOffset: number;
}

export const noProgress: Progress = {
  rows: null,
  rejects: null,
  commits: 0,
  startPosition: null,
  endPosition: null,
  snapshotIds: [],
  lag: null,
  driverStartedAt: null,
  lastCommitAt: null,
  waiting: null,
  end: null,
  logOffset: 0,
};

const mostSnapshotIds = 1_000;
const mostSteps = 200;

/** Progress after these lines of stdout. Lines that are no event of this run are left out. */
export function advance(progress: Progress, lines: readonly string[], runId: string): Progress {
  return lines.reduce((sum, line) => {
    const event = parseEvent(line);
    return event === undefined || event.runId !== runId ? sum : apply(sum, event);
  }, progress);
}

/**
 * Progress after the commits of this run that the table has and stdout never told: Spark closes the output of a driver that it was asked to
 * kill (java.lang.Process.destroy), so a graceful stop is silent.
 */
export function catchUp(progress: Progress, commits: readonly TableCommit[], runId: string): Progress {
  const told = new Set(progress.snapshotIds);
  const isTold = commits.findIndex(({ snapshotId }) => told.has(snapshotId));
  const untold = (isTold < 0 ? commits : commits.slice(0, isTold))
    .filter((commit) => commit.runId === runId)
    .toReversed();
  return untold.reduce(afterTableCommit, { ...progress, rows: progress.rows ?? 0, rejects: progress.rejects ?? 0 });
}

function afterTableCommit(progress: Progress, commit: TableCommit): Progress {
  return {
    ...progress,
    rows: (progress.rows ?? 0) + commit.rows,
    rejects: (progress.rejects ?? 0) + commit.rejects,
    commits: progress.commits + 1,
    startPosition: progress.startPosition ?? commit.startPosition,
    endPosition: commit.endPosition,
    snapshotIds: [...progress.snapshotIds, commit.snapshotId].slice(-mostSnapshotIds),
  };
}

/** Progress before the next attempt: what is committed stays counted, the new driver's log starts at 0. */
export function beforeNextAttempt(progress: Progress): Progress {
  return { ...progress, driverStartedAt: null, waiting: null, end: null, logOffset: 0 };
}

type DriverEvent = Readonly<Record<string, unknown>> & { readonly event: string };

function parseEvent(line: string): DriverEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    return typeof value.event === 'string' ? { ...value, event: value.event } : undefined;
  } catch {
    return undefined;
  }
}

function apply(progress: Progress, event: DriverEvent): Progress {
  switch (event.event) {
    case 'started':
      return { ...progress, driverStartedAt: text(event.at) };
    case 'claimed':
      return { ...progress, waiting: null, startPosition: progress.startPosition ?? position(event.position) };
    case 'commit':
      return afterCommit(progress, event);
    case 'maintenance':
      return afterMaintenance(progress, event);
    case 'waiting':
      return { ...progress, waiting: `${text(event.code) ?? 'waiting'}: ${text(event.message) ?? ''}` };
    case 'resumed':
      return { ...progress, waiting: null };
    case 'idle':
      return { ...progress, waiting: null, lag: number(event.lag) ?? progress.lag };
    case 'end':
      return afterEnd(progress, event);
    default:
      return progress;
  }
}

function afterCommit(progress: Progress, event: DriverEvent): Progress {
  const snapshotId = text(event.snapshotId);
  const snapshotIds = snapshotId === null ? progress.snapshotIds : [...progress.snapshotIds, snapshotId];
  return {
    ...progress,
    waiting: null,
    rows: (progress.rows ?? 0) + (number(event.rows) ?? 0),
    rejects: (progress.rejects ?? 0) + (number(event.rejects) ?? 0),
    commits: progress.commits + 1,
    startPosition: progress.startPosition ?? position(event.startPosition),
    endPosition: position(event.endPosition) ?? progress.endPosition,
    snapshotIds: snapshotIds.slice(-mostSnapshotIds),
    lag: number(event.lag) ?? progress.lag,
    lastCommitAt: text(event.at),
  };
}

function afterMaintenance(progress: Progress, event: DriverEvent): Progress {
  const { event: _, runId: __, at: ___, table, step, done, text: words, ...facts } = event;
  const one = { table: String(table), step: String(step), isDone: done === true, text: String(words), facts };
  return { ...progress, waiting: null, maintenance: [...(progress.maintenance ?? []), one].slice(-mostSteps) };
}

/** Rows and snapshots were counted commit by commit; the end adds what only it knows. */
function afterEnd(progress: Progress, event: DriverEvent): Progress {
  const state = (['succeeded', 'stopped', 'failed', 'fenced'] as const).find((one) => one === event.state) ?? 'failed';
  const error = event.error as { code?: unknown; message?: unknown } | null | undefined;
  return {
    ...progress,
    waiting: null,
    rows: progress.rows ?? number(event.rows) ?? 0,
    rejects: progress.rejects ?? number(event.rejects) ?? 0,
    startPosition: progress.startPosition ?? position(event.startPosition),
    endPosition: position(event.endPosition) ?? progress.endPosition,
    end: {
      state,
      error: error == null ? null : { code: text(error.code) ?? 'internal', message: text(error.message) ?? '' },
    },
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  const parsed = typeof value === 'string' ? Number(value) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : null;
}

function position(value: unknown): Position | null {
  return Array.isArray(value) ? (value as Position) : null;
}
