import type { Position } from '../commons/position.js';

/** A commit as the table's ledger has it. */
export interface TableCommit {
  readonly runId: string;
  readonly snapshotId: string;
  readonly rows: number;
  readonly rejects: number;
  readonly startPosition: Position | null;
  readonly endPosition: Position;
}
