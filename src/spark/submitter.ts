import type { DriverState, DriverStatus } from './driver-state.js';
import type { LaunchCommand } from './launch-command.js';

/** Everything a driver is started with. Built by pure functions, shown by `--dry-run`; never holds a secret. */
export interface SubmissionSpec {
  /** `spark.app.name`: what identifies the driver again after a crash. */
  readonly name: string;
  readonly mainClass: string;
  /** The project's jar as the Spark workers see it. */
  readonly jar: string;
  readonly args: readonly string[];
  /** Spark properties. Each one is readable on the driver's command line. */
  readonly properties: Readonly<Record<string, string>>;
}

export type CreateOutcome =
  | { readonly outcome: 'created'; readonly submissionId: string }
  /** Surely no driver was made. `isPermanent`: asking again will not help. */
  | { readonly outcome: 'refused'; readonly isPermanent: boolean; readonly detail: string }
  /** The request may have gone through: look for the driver before anything else. */
  | { readonly outcome: 'uncertain'; readonly detail: string };

/** What `create` answers when it was held up for too long: others may be looking for the driver already. */
export const tooLate: CreateOutcome = {
  outcome: 'refused',
  isPermanent: false,
  detail: 'held up for too long, nothing was sent',
};

/** What to remember before a create request. */
export interface Prepared {
  /** The drivers there are before it, so that `find` can tell a new one. */
  readonly driverIds: readonly string[];
  /** Whether an application of this very name is or was there: then a driver was submitted already. */
  readonly isNameKnown: boolean;
}

/** A driver of ours, as its cluster shows it. */
export interface SeenDriver extends LaunchCommand {
  readonly submissionId: string;
  readonly mainClass: string;
  readonly isLive: boolean;
  readonly driverState: DriverState | null;
  readonly logAddress: string | null;
}

export type Census =
  | {
      readonly outcome: 'complete';
      readonly drivers: readonly SeenDriver[];
      /** Every driver id that the cluster knows, whosever it is. */
      readonly driverIds: readonly string[];
      /** Names of the applications that live now. */
      readonly applications: readonly string[];
    }
  /** Somebody who has to be asked did not answer, or a live driver cannot be told apart yet. */
  | { readonly outcome: 'uncertain'; readonly detail: string };

export type FindOutcome =
  | { readonly outcome: 'found'; readonly submissionId: string; readonly evidence: string }
  | { readonly outcome: 'absent' }
  /** Somebody who has to be asked did not answer, or a driver cannot be told apart yet. */
  | { readonly outcome: 'uncertain'; readonly detail: string };

export type KillOutcome =
  | { readonly outcome: 'requested' }
  | { readonly outcome: 'not-running' }
  | { readonly outcome: 'unreachable'; readonly detail: string };

/** A driver that should be somewhere: `present` and `absent` come with what was seen, `unknown` with who did not answer. */
export interface Presence {
  readonly verdict: 'present' | 'absent' | 'unknown';
  readonly evidence: string;
}

export type LogStream = 'stdout' | 'stderr';

/** A piece of a driver's log. Offsets are bytes. */
export type LogChunk =
  | { readonly isAvailable: true; readonly bytes: Buffer; readonly nextOffset: number; readonly totalBytes: number }
  | { readonly isAvailable: false; readonly detail: string };

/**
 * Starts drivers and asks for them. Adapters: `spark-rest.ts`, `spark-submit.ts`. Nothing throws for what a cluster may do
 * (down, standby, forgetful): that is a value. Every call ends by itself: within seconds, `create` within
 * `requestMayArriveMs`.
 */
export interface Submitter {
  readonly name: SubmitterName;
  /** What to remember before `create`; null when nobody answers. */
  prepare(name: string, signal?: AbortSignal): Promise<Prepared | null>;
  /** All drivers of ours: what the runs are rebuilt from when Redis has lost or gone back behind its state. */
  census(includesEnded: boolean, signal?: AbortSignal): Promise<Census>;
  /**
   * Starts a driver. Not idempotent: see `find`. `isInTime` is asked right before the request is sent; after a false nothing is sent, and
   * the outcome is `refused`.
   */
  create(spec: SubmissionSpec, signal?: AbortSignal, isInTime?: () => boolean): Promise<CreateOutcome>;
  /** How long after its announcement, or after it was given up, a create request may still make a driver. */
  readonly requestMayArriveMs: number;
  /** Looks for a driver that an earlier, interrupted `create` may have started. */
  find(spec: SubmissionSpec, prepared: readonly string[], signal?: AbortSignal): Promise<FindOutcome>;
  status(submissionId: string, signal?: AbortSignal): Promise<DriverStatus>;
  /** SIGTERM first; SIGKILL after the engine's own time limit, or at once with `isHard` where the engine can. */
  kill(submissionId: string, isHard: boolean, signal?: AbortSignal): Promise<KillOutcome>;
  /** Where the driver's log is, to be remembered while it can be known; null when it cannot (yet). */
  logAddress(submissionId: string, status: DriverStatus, signal?: AbortSignal): Promise<string | null>;
  readLog(
    address: string,
    submissionId: string,
    stream: LogStream,
    offset: number,
    signal?: AbortSignal,
  ): Promise<LogChunk>;
  /** Asks everybody who could have the driver whether it is there. */
  presence(submissionId: string, logAddress: string | null, signal?: AbortSignal): Promise<Presence>;
  /** What a run that does not start waits for, in words; null when it waits for nothing. */
  waitingFor(spec: Pick<SubmissionSpec, 'name'>, submissionId: string, signal?: AbortSignal): Promise<string | null>;
}

export const submitterNames = ['rest', 'spark-submit-cluster', 'spark-submit-client'] as const;
export type SubmitterName = (typeof submitterNames)[number];
