import type { Finding } from './count.js';
import { commitIntervalMs } from './drill-line.js';
import type { Fault } from './fault.js';
import type { Recovery } from './recovery.js';

/** One fault of a drill. */
export interface FaultReport {
  readonly fault: string;
  readonly round: number;
  /** From the end of the fault; null: not within the limit. */
  readonly recoveredMs: number | null;
  readonly lost: number;
  readonly doubled: number;
  readonly altered: number;
  /** The most drivers that one stage had at once. */
  readonly driversAtOnce: number;
  /** The longest time between two commits of EXTRACT around the fault. */
  readonly extractPauseMs: number | null;
  /** Why the fault could not happen, or did not end as it should; null: it did. */
  readonly problem: string | null;
  /** Recovered within 60 s, nothing lost, doubled or altered, no driver too many, and EXTRACT kept its rhythm where it could. */
  readonly passed: boolean;
}

/** What `elt drill -o json` prints. */
export interface DrillReport {
  readonly seed: number;
  readonly rounds: number;
  /** Records that were acknowledged. */
  readonly records: number;
  /** Whether everything was read in the end and `elt validate` passed. */
  readonly validated: boolean;
  readonly passed: boolean;
  readonly faults: readonly FaultReport[];
  readonly findings: readonly Finding[];
}

const recoveredWithinMs = 60_000;

/** What was seen of one fault. */
export interface Seen {
  readonly round: number;
  readonly recovered: Recovery | null;
  readonly findings: readonly Finding[];
  readonly driversAtOnce: number;
  readonly problem: string | null;
}

/** Judges what was seen. */
export function faultReport(
  { name, leavesExtract, mostDrivers }: Pick<Fault, 'name' | 'leavesExtract' | 'mostDrivers'>,
  { round, recovered, findings, driversAtOnce, problem }: Seen,
): FaultReport {
  const count = (kind: Finding['kind']) => findings.filter((finding) => finding.kind === kind).length;
  const isQuick = recovered !== null && recovered.recoveredMs <= recoveredWithinMs;
  const isRhythmKept = !leavesExtract || (recovered !== null && recovered.extractPauseMs <= 2 * commitIntervalMs);
  return {
    fault: name,
    round,
    recoveredMs: recovered?.recoveredMs ?? null,
    lost: count('lost'),
    doubled: count('doubled'),
    altered: count('altered'),
    driversAtOnce,
    extractPauseMs: recovered?.extractPauseMs ?? null,
    problem,
    passed: isQuick && isRhythmKept && findings.length === 0 && driversAtOnce <= mostDrivers,
  };
}
