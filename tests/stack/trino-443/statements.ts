/** Every statement that elt sends to a Trino of one's own, collected by running what sends them, with a Trino that only listens. */
import { trinoFindings } from '../../../src/cli/doctor/lakehouse.js';
import { transformReading } from '../../../src/cli/plan/transform-reading.js';
import { stagesUnderCheck } from '../../../src/cli/stages-under-check.js';
import { loadConfig } from '../../../src/commons/config.js';
import type { Baseline } from '../../../src/pipeline/check.js';
import { validateStage, verifyIncrement } from '../../../src/pipeline/verify.js';
import type { TrinoClient } from '../../../src/trino/client.js';
import { rowsPosition } from '../../../src/trino/rows-position.js';
import { at, clock, commit, ledgerOf, rowsOf } from '../../trino/ledgers.js';
import { root } from '../harness.js';

/** Three commits: what came before the second is verified. */
const line = ledgerOf([
  commit({ id: '101', start: at(0, 0), end: at(3, 5), clocks: [null, clock(1)], rows: 8 }),
  commit({ id: '102', start: at(3, 5), end: at(6, 5), clocks: [clock(1), clock(2)], rows: 3 }),
  commit({ id: '103', start: at(6, 5), end: at(9, 9), clocks: [clock(2), clock(3)], rows: 7 }),
]);
const baseline: Baseline = { snapshotId: '101', committedAt: clock(0), ingestedAt: clock(1) };
/** SILVER is behind, so that there is something to read. */
const behind = ledgerOf(line.snapshots.slice(0, 2));

/** Files of `src` that send statements; a new one has to be run below. `elt drill` works on the native stack only. */
export const senders = [
  'cli/doctor/lakehouse.ts',
  'cli/plan/transform-reading.ts',
  'drill/count.ts',
  'drill/drill-line.ts',
  'pipeline/run-checks.ts',
  'trino/ledger-queries.ts',
  'trino/polling.ts',
  'trino/rows-position.ts',
];

export async function collectStatements(): Promise<ReadonlySet<string>> {
  const sent = new Set<string>();
  const trino = listeningTrino(sent);
  const config = loadConfig({ env: { ELT_STACK_DIR: '/nonexistent' }, cwd: root });
  const stages = stagesUnderCheck(config, undefined);
  const baselines = { read: async () => baseline, write: async () => undefined };
  // What they make of empty answers does not matter here.
  const answers = [
    ...stages.map((stage) => validateStage(stage, { trino, topicOffsets: async () => ({}) })),
    ...stages.map((stage) => verifyIncrement(trino, baselines, stage)),
    rowsPosition(trino, 'raw.number_ingestion', 'ingested_at'),
    transformReading(config, trino, 'numbers', false),
    transformReading(config, trino, 'numbers', true),
    trinoFindings(config, trino),
  ];
  await Promise.allSettled(answers);
  return sent;
}

function listeningTrino(sent: Set<string>): TrinoClient {
  return {
    address: 'http://trino',
    catalog: 'lakehouse',
    query: async (sql) => {
      sent.add(sql);
      if (sql.includes('$snapshots')) return rowsOf(sql.includes('"silver"') ? behind : line);
      return [];
    },
    close: async () => undefined,
  };
}
