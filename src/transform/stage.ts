import type { Config } from '../commons/config.js';
import { rejectsTableOf } from '../commons/config-check.js';
import type { TransformConfig } from '../commons/config-schema.js';
import { EltError } from '../commons/errors.js';
import type { VerdictStore } from '../pipeline/last-verdicts.js';
import type { StageDefinition } from '../pipeline/stage.js';
import { tableFacts } from '../pipeline/table-facts.js';
import type { BaselineStore } from '../pipeline/verified-baseline.js';
import { verifyStage } from '../pipeline/verify-stage.js';
import type { TrinoClient } from '../trino/client.js';
import type { TableLedger } from '../trino/ledger.js';
import { ledgerOf } from '../trino/ledger-queries.js';
import { readPipelineSql } from './pipeline-sql.js';
import { transformUnderCheck } from './under-check.js';

/** TRANSFORM as the control plane sees it. */
export function transformStage(
  config: Config,
  trino: TrinoClient,
  store: BaselineStore & VerdictStore,
): StageDefinition {
  const declared = (pipeline: string): { transform: TransformConfig; from: string } => {
    const { transform, extract } = config.pipelines[pipeline] ?? {};
    const from = transform?.from ?? extract?.table;
    if (transform !== undefined && from !== undefined) return { transform, from };
    throw new EltError('stage-not-declared', `Pipeline "${pipeline}" has no transform stage in elt.yaml.`);
  };
  const ledgers = async (pipeline: string, signal: AbortSignal | undefined) => {
    const { transform, from } = declared(pipeline);
    return await Promise.all([ledgerOf(trino, transform.table, { signal }), ledgerOf(trino, from, { signal })]);
  };
  return {
    isIdle: async (pipeline, signal) => {
      const [silver, raw] = await ledgers(pipeline, signal);
      return raw === null || raw.ingestedAt === null || (silver !== null && isCaughtUp(silver, raw));
    },
    caughtUp: async (pipeline, signal) => {
      const [silver, raw] = await ledgers(pipeline, signal);
      return silver !== null && raw !== null && isCaughtUp(silver, raw) ? silver.position : null;
    },
    verify: async ({ pipeline }, signal) => {
      const sql = readPipelineSql(config, pipeline);
      const under = transformUnderCheck(pipeline, config.pipelines[pipeline] ?? {}, sql);
      return await verifyStage(under, trino, store, signal);
    },
    tableFacts: async (run, signal) => {
      const { transform } = config.pipelines[run.pipeline] ?? {};
      const rejects = transform === undefined ? null : rejectsTableOf(transform);
      return await tableFacts(trino, run.table, rejects, signal);
    },
  };
}

type Progressed = Pick<TableLedger, 'newest' | 'ingestedAt' | 'properties'>;

/** Whether SILVER has reached RAW's clock, and neither ledger disagrees with its mirror: that is for the driver to judge. */
export function isCaughtUp(silver: Progressed, raw: Progressed): boolean {
  return [silver, raw].every(agreesWithMirror) && silver.ingestedAt !== null && silver.ingestedAt === raw.ingestedAt;
}

function agreesWithMirror({ newest, properties }: Progressed): boolean {
  const mirrored = properties['elt.commit-id'];
  return newest === null || mirrored === undefined || mirrored === newest.commitId;
}
