import type { Config } from '../commons/config.js';
import type { ExtractConfig } from '../commons/config-schema.js';
import { EltError } from '../commons/errors.js';
import { lazy } from '../commons/lazy.js';
import { openGeneration, type Position } from '../commons/position.js';
import type { TopicOffsets } from '../kafka/lag.js';
import type { VerdictStore } from '../pipeline/last-verdicts.js';
import type { StageDefinition } from '../pipeline/stage.js';
import { tableFacts } from '../pipeline/table-facts.js';
import type { BaselineStore } from '../pipeline/verified-baseline.js';
import { verifyStage } from '../pipeline/verify-stage.js';
import type { TrinoClient } from '../trino/client.js';
import type { TableLedger } from '../trino/ledger.js';
import { ledgerOf } from '../trino/ledger-queries.js';
import { extractUnderCheck } from './under-check.js';

const kafkaLag = lazy(() => import('../kafka/lag.js'));

/** EXTRACT as the control plane sees it. */
export function extractStage(config: Config, trino: TrinoClient, store: BaselineStore & VerdictStore): StageDefinition {
  const declared = (pipeline: string): ExtractConfig => {
    const extract = config.pipelines[pipeline]?.extract;
    if (extract !== undefined) return extract;
    throw new EltError('stage-not-declared', `Pipeline "${pipeline}" has no extract stage in elt.yaml.`);
  };
  return {
    caughtUp: async (pipeline, signal) => {
      const { topic, table } = declared(pipeline);
      const { topicOffsets } = await kafkaLag();
      const [ledger, offsets] = await Promise.all([
        ledgerOf(trino, table, { signal }),
        topicOffsets(config.kafka, topic),
      ]);
      return ledger !== null && isCaughtUp(ledger, offsets) ? ledger.position : null;
    },
    verify: async ({ pipeline }, signal) => {
      const under = extractUnderCheck(pipeline, config.pipelines[pipeline] ?? {});
      return await verifyStage(under, trino, store, signal);
    },
    tableFacts: async (run, signal) => await tableFacts(trino, run.table, null, signal),
  };
}

/**
 * Whether the position is exactly at the end of every partition. Anything else, also a position beyond the end or a ledger that
 * disagrees with its mirror, is for the driver to judge: it knows topic ids.
 */
export function isCaughtUp(
  { newest, position, properties }: Pick<TableLedger, 'newest' | 'position' | 'properties'>,
  offsets: TopicOffsets,
): boolean {
  const mirrored = properties['elt.commit-id'];
  if (newest !== null && mirrored !== undefined && mirrored !== newest.commitId) return false;
  const read = openGeneration(position as Position | null)?.offsets;
  if (read === undefined) return false;
  const partitions = Object.keys(offsets);
  return (
    partitions.length === Object.keys(read).length &&
    partitions.every((partition) => read[partition] === offsets[partition]?.end)
  );
}
