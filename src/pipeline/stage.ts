import type { Position } from '../commons/position.js';
import type { SubmissionSpec } from '../spark/submitter.js';
import type { CheckResult } from './check.js';
import type { Run, RunMode, Verified } from './run.js';
import type { TableCommit } from './table-commit.js';

/** What a driver is to do, as far as the command line and the queue decide it. */
export interface DriverTask {
  readonly name: string;
  readonly runId: string;
  readonly claim: string;
  readonly pipeline: string;
  readonly mode: RunMode;
  readonly acceptsNewTopic: boolean;
  readonly acceptsLoss: boolean;
  readonly isFullRefresh: boolean;
}

/** What the steps of a run ask of its stage. `src/extract` and `src/transform` answer. */
export interface StageDefinition {
  /**
   * The table's position when there is nothing to read; null when there is, or when it cannot be told. May throw when Trino or
   * Kafka cannot be asked: then the driver is submitted and finds out.
   */
  caughtUp(pipeline: string, signal?: AbortSignal): Promise<Position | null>;
  /**
   * Whether a scheduled run would have nothing to read, also because nothing was ever written; as `caughtUp` where it is absent.
   * Throws when nobody can be asked.
   */
  isIdle?(pipeline: string, signal?: AbortSignal): Promise<boolean>;
  /** The submission with what can be known only now, at the intent to submit it; as it was planned where this is absent. */
  finishSpec?(run: Run, signal?: AbortSignal): Promise<SubmissionSpec>;
  /** Verification through Trino of what is new. Never throws for an outage: that is `unknown`. */
  verify(run: Run, signal?: AbortSignal): Promise<StageVerification>;
  /** What the table says of who claimed it last and who released it; throws when it cannot be asked. */
  tableFacts(run: Run, signal?: AbortSignal): Promise<TableFacts>;
}

/** Whether what is new is right, and what was looked at to tell. */
export interface StageVerification {
  readonly verified: Verified;
  readonly reason: string | null;
  readonly checks?: readonly Pick<CheckResult, 'verdict'>[];
}

export interface TableFacts {
  /** The claims that are still in the table's history, the newest first: the first one is the table's writer. */
  readonly claims: readonly string[];
  /** `elt.released`: the claim that was given up last. */
  readonly released: { readonly claim: string; readonly state: string } | null;
  /** Commits with rows that are still in the table's history, the newest first. */
  readonly commits: readonly TableCommit[];
}
