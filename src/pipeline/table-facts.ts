import type { TrinoClient } from '../trino/client.js';
import type { LedgerEntry, TableLedger } from '../trino/ledger.js';
import { ledgerOf } from '../trino/ledger-queries.js';
import type { TableFacts } from './stage.js';

/** How long a run waits for the table's word before it asks again later. */
const answerWithinMs = 20_000;

/** Who claimed a table last, who released it and what was committed. A table that does not exist says nothing. @throws EltError when Trino cannot be asked */
export async function tableFacts(
  trino: TrinoClient,
  table: string,
  rejectsTable: string | null,
  signal?: AbortSignal,
): Promise<TableFacts> {
  const options = { signal, timeoutMs: answerWithinMs };
  const [ledger, rejects] = await Promise.all([
    ledgerOf(trino, table, options),
    rejectsTable === null ? null : ledgerOf(trino, rejectsTable, options),
  ]);
  if (ledger === null) return { claims: [], released: null, commits: [] };
  const written = ledger.entries.filter((entry) => entry.rows > 0n || rejectsOf(entry, rejects?.entries) > 0);
  return {
    claims: claimsOf(ledger),
    released: ledger.released,
    commits: written.map((entry) => ({
      runId: entry.runId,
      snapshotId: entry.snapshotId,
      rows: Number(entry.rows),
      rejects: rejectsOf(entry, rejects?.entries),
      startPosition: entry.start,
      endPosition: entry.position,
    })),
  };
}

/** Once every entry has expired, the mirror still names the newest claim. */
function claimsOf({ entries, properties }: TableLedger): readonly string[] {
  if (entries.length > 0) return [...new Set(entries.map(({ claim }) => claim))];
  return properties['elt.claim'] === undefined ? [] : [properties['elt.claim']];
}

/** A batch of TRANSFORM reaches the same RAW clock in both tables. Claims repeat the clock, but have no rows. */
function rejectsOf({ runId, ingestedAt, startIngestedAt }: LedgerEntry, rejects: readonly LedgerEntry[] = []): number {
  if (ingestedAt === null || ingestedAt === startIngestedAt) return 0;
  const same = rejects.filter((entry) => entry.runId === runId && entry.ingestedAt === ingestedAt);
  return same.reduce((sum, entry) => sum + Number(entry.rows), 0);
}
