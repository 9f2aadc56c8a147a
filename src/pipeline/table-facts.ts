import type { TrinoClient } from '../trino/client.js';
import { ledgerOf } from '../trino/ledger-queries.js';
import type { TableFacts } from './stage.js';

/** How long a run waits for the table's word before it asks again later. */
const answerWithinMs = 20_000;

/** Who claimed a table last, and who released it. A table that does not exist says neither. @throws EltError when Trino cannot be asked */
export async function tableFacts(trino: TrinoClient, table: string, signal?: AbortSignal): Promise<TableFacts> {
  const ledger = await ledgerOf(trino, table, { signal, timeoutMs: answerWithinMs });
  if (ledger === null) return { claim: null, released: null };
  return { claim: ledger.newest?.claim ?? ledger.properties['elt.claim'] ?? null, released: ledger.released };
}
