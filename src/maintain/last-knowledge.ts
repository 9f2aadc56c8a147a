/** What MAINTAIN must know of its tables at the last moment before it is submitted: what is verified, and who is at work. */
import type { StageUnderCheck } from '../pipeline/subject.js';
import type { BaselineStore } from '../pipeline/verified-baseline.js';
import { type Verification, verifyIncrement } from '../pipeline/verify.js';
import type { SubmissionSpec } from '../spark/submitter.js';
import type { TrinoClient } from '../trino/client.js';

interface Known {
  /** The last verified snapshot. */
  readonly baseline?: string;
  /** Why nothing of the table may expire. */
  readonly hold?: string;
}

/** Verifies what came since the last time: follow runs are verified at their end only, and nothing unverified may expire. */
export async function lookAtTables(
  pipeline: string,
  stages: readonly StageUnderCheck[],
  trino: TrinoClient,
  baselines: BaselineStore,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Known>> {
  const known = new Map<string, Known>();
  for (const stage of stages) {
    const verification = await verifyIncrement(trino, baselines, stage, { signal });
    const hold = holdOf(verification, pipeline);
    for (const table of stage.checked.map((role) => stage.tables[role])) {
      if (table === null) continue;
      const baseline = await baselines.read(table);
      known.set(table, {
        ...(baseline === null ? {} : { baseline: baseline.snapshotId }),
        ...(hold === null ? {} : { hold }),
      });
    }
  }
  return known;
}

function holdOf({ verified, reason }: Verification, pipeline: string): string | null {
  if (verified === true) return null;
  const why = verified === false ? 'a check fails' : 'it could not be verified';
  return `${why} (${(reason ?? 'no reason given').split('\n')[0]?.slice(0, 1_000)}). See: elt validate ${pipeline}`;
}

/** The submission with what is known; `refreshSince`: since when a full refresh writes files that nothing refers to yet. Pure. */
export function withKnowledge(
  spec: SubmissionSpec,
  known: ReadonlyMap<string, Known>,
  refreshSince: string | null,
): SubmissionSpec {
  const argument = JSON.parse(spec.args[0] ?? '{}') as { tables: { table: string; role: string }[] };
  const tables = argument.tables.map((one) => ({
    ...one,
    ...known.get(one.table),
    ...(refreshSince === null || one.role === 'raw' ? {} : { refreshSinceMs: Date.parse(refreshSince) }),
  }));
  return { ...spec, args: [JSON.stringify({ ...argument, tables })] };
}
