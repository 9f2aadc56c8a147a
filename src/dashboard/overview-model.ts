/** What the overview shows, as the browser gets it. Unknown is null; 64-bit numbers are strings; times ISO 8601 UTC. Types only. */

import type { KeptVerdict } from '../pipeline/last-verdicts.js';
import type { PartitionLine } from '../pipeline/pipeline-offsets.js';
import type { RunReport, Stage, Verified } from '../pipeline/run.js';

/** Something outside that the overview asks. `isUp` null: not asked yet. */
export interface SourceState {
  readonly name: 'Redis' | 'Trino' | 'Kafka';
  readonly isUp: boolean | null;
  readonly message: string | null;
}

/** A run as `elt status -o json` prints it, and what people want beside it. */
export interface RunView extends RunReport {
  readonly mode: 'follow' | 'drain';
  readonly phase: string;
  readonly requestedAt: string;
  readonly rowsPerSecond: number | null;
  readonly notice: string | null;
  readonly attempt: number;
  readonly verificationReason: string | null;
}

/** A line of `elt validate` without its statement, which may be long: `/api/checks` has it. */
export type CheckView = Omit<KeptVerdict, 'sql'>;

export interface VerifiedView {
  /** Of the newest run that is over; null: none was. */
  readonly verdict: Verified;
  readonly reason: string | null;
  /** The last verified snapshot of the stage's table. */
  readonly snapshotId: string | null;
  readonly verifiedAt: string | null;
  readonly checks: readonly CheckView[];
}

export interface StageView {
  readonly stage: Stage;
  readonly table: string | null;
  /** `idle`: no run is active. Null: unknown. */
  readonly phase: string | null;
  readonly active: RunView | null;
  /** The newest run of the stage that is over. */
  readonly last: RunView | null;
  /** Processes that serve the stage's queue. */
  readonly workers: number | null;
  readonly rowsPerSecond: number | null;
  /** EXTRACT: offsets not yet read. TRANSFORM: rows of RAW that are not in SILVER yet. */
  readonly lag: string | null;
  /** Until Kafka's retention may delete the first unread record; null where nothing is unread, or it is unknown. */
  readonly timeToLossSeconds: number | null;
  /** False: the topic's retention never deletes by age alone. */
  readonly isLostByAge: boolean | null;
  /** False: Trino says that there is no such table yet. */
  readonly hasTable: boolean | null;
  readonly tableRows: string | null;
  readonly lastCommitAt: string | null;
  /** Null: unknown. */
  readonly verified: VerifiedView | null;
}

/** Rows that came into a table, minute by minute, oldest first. Null: unknown. */
export interface RowsPerMinute {
  readonly table: string;
  readonly rows: readonly (number | null)[];
}

export interface PipelineView {
  readonly pipeline: string;
  readonly topic: string | null;
  readonly stages: readonly StageView[];
  readonly partitions: readonly PartitionLine[];
  /** Why positions or the ends of partitions are unknown. */
  readonly problem: string | null;
  /** The minute that the last bar stands for; null before Trino answered. */
  readonly minute: string | null;
  readonly perMinute: readonly RowsPerMinute[];
}

export interface Overview {
  readonly at: string;
  readonly sources: readonly SourceState[];
  readonly pipelines: readonly PipelineView[];
  /** The newest first; null: unknown. */
  readonly runs: readonly RunView[] | null;
  /** When `runs` was read, if that is not now. */
  readonly runsAsOf: string | null;
}
