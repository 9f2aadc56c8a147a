/** What `elt plan` tells. Pure: obstacles are values, and decide the exit code. */
import { EltError, type ExitCode, exitCodes } from '../../commons/errors.js';
import type { Position } from '../../commons/position.js';
import type { PartitionLine } from '../../pipeline/pipeline-offsets.js';
import type { DataStage, NewRun } from '../../pipeline/run.js';
import type { ScheduleReport } from '../schedule-lines.js';

export interface Obstacle {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** False: the run starts and waits, or is told of something. */
  readonly blocks: boolean;
  /** The exit code that it gives `elt plan`. */
  readonly exitCode: ExitCode;
}

export interface ActiveRun {
  readonly runId: string;
  readonly state: string;
  readonly phase: string;
  readonly mode: string;
  readonly submissionId: string | null;
  readonly driverState: string | null;
  readonly rows: number | null;
  readonly startedAt: string | null;
  readonly notice: string | null;
}

/** What is there to read, as far as it can be told; null is unknown. */
export interface Reading {
  readonly position: Position | null;
  /** TRANSFORM: SILVER's and RAW's clock. EXTRACT: RAW's, and null. */
  readonly fromClock: string | null;
  readonly toClock: string | null;
  readonly partitions: readonly PartitionLine[];
  /** Decimal string; null: unknown. */
  readonly rowsToRead: string | null;
  readonly obstacles: readonly Obstacle[];
}

export interface PlanReport extends Omit<Reading, 'obstacles'> {
  readonly stage: DataStage;
  readonly pipeline: string;
  readonly restart: boolean;
  readonly fullRefresh: boolean;
  readonly active: ActiveRun | null;
  readonly schedule: ScheduleReport | null;
  readonly plan: Pick<NewRun, 'mode' | 'table' | 'submitter'> | null;
  readonly submission: {
    readonly mainClass: string;
    readonly jar: string;
    readonly cores: number;
    readonly argumentBytes: number;
  } | null;
  readonly obstacles: readonly Obstacle[];
}

export const nothingKnown: Reading = {
  position: null,
  fromClock: null,
  toClock: null,
  partitions: [],
  rowsToRead: null,
  obstacles: [],
};

/** Something to correct or to decide first: exit 2. */
export function wrong(code: string, message: string, hint: string | null = null): Obstacle {
  return { code, message, hint, blocks: true, exitCode: exitCodes.usage };
}

/** Worth knowing, but the run starts: exit 0. */
export function worthKnowing(code: string, message: string, hint: string | null = null): Obstacle {
  return { code, message, hint, blocks: false, exitCode: exitCodes.ok };
}

/** What an error of a dependency or of the user means for the plan; errors of ours are thrown on. */
export function obstacleOf(error: unknown, blocks = true): Obstacle {
  if (!(error instanceof EltError) || error.kind === 'internal') throw error;
  const { code, message, hint, exitCode } = error;
  return { code, message, hint: hint ?? null, blocks, exitCode };
}

export function isActiveObstacle(name: string, { runId, phase }: ActiveRun): Obstacle {
  return {
    code: 'already-running',
    message: `${name} is running already: ${runId} (${phase}).`,
    hint: `With --restart it is stopped first. Follow it: elt run ${name} --attach`,
    blocks: true,
    exitCode: exitCodes.alreadyRunning,
  };
}

/** 4 when a run is active, 5 when somebody could not be asked, 2 when something is to be corrected, else 0. */
export function exitCodeOfPlan(obstacles: readonly Obstacle[]): ExitCode {
  const codes = new Set(obstacles.map((obstacle) => obstacle.exitCode));
  if (codes.has(exitCodes.alreadyRunning)) return exitCodes.alreadyRunning;
  if (codes.has(exitCodes.usage)) return exitCodes.usage;
  return codes.has(exitCodes.unreachable) || codes.has(exitCodes.timedOut) ? exitCodes.unreachable : exitCodes.ok;
}
