import type { TrinoClient } from '../trino/client.js';
import type { Verified } from './run.js';
import type { StageUnderCheck } from './subject.js';
import type { BaselineStore } from './verified-baseline.js';
import { verifyIncrement } from './verify.js';

/** Verification of what a run brought, as its record keeps it. Null: this elt worker's `elt.yaml` does not declare the stage. */
export async function verifyStage(
  stage: StageUnderCheck | null,
  trino: TrinoClient,
  baselines: BaselineStore,
  signal?: AbortSignal,
): Promise<{ readonly verified: Verified; readonly reason: string | null }> {
  if (stage === null) {
    const reason = 'The elt worker that saw the end of the run has an elt.yaml without this pipeline.';
    return { verified: 'unknown', reason };
  }
  return await verifyIncrement(trino, baselines, stage, { signal });
}
