/** One execution of a stage: its states and what others may know of it. Pure; `execute-run.ts` acts. */

import type { Position } from '../commons/position.js';

export type { Generation, Position } from '../commons/position.js';

export const stages = ['extract', 'transform'] as const;
export type Stage = (typeof stages)[number];
export type RunMode = 'follow' | 'drain';

export type RunState = 'queued' | 'submitting' | 'running' | 'succeeded' | 'failed' | 'stopped' | 'fenced' | 'lost';

export interface RunError {
  readonly code: string;
  readonly message: string;
}

/** What `elt run -o json` prints and `elt status -o json` lists. Unknown is null; 64-bit ids and offsets are strings; times ISO 8601 UTC. */
export interface RunReport {
  readonly runId: string;
  readonly pipeline: string;
  readonly stage: Stage;
  readonly state: RunState;
  readonly verified: boolean | 'unknown' | null;
  readonly submissionId: string | null;
  readonly rows: number | null;
  readonly rejects: number | null;
  readonly startPosition: Position | null;
  readonly endPosition: Position | null;
  readonly snapshotIds: readonly string[];
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly error: RunError | null;
}

const finalStates: ReadonlySet<RunState> = new Set(['succeeded', 'failed', 'stopped', 'fenced', 'lost']);

/** Whether nothing more will happen in this run. */
export function isFinal(state: RunState): boolean {
  return finalStates.has(state);
}
