import type { TrinoClient } from '../trino/client.js';
import type { VerdictStore } from './last-verdicts.js';
import type { StageVerification } from './stage.js';
import type { StageUnderCheck } from './subject.js';
import type { BaselineStore } from './verified-baseline.js';
import { verifyIncrement } from './verify.js';

/** Verification of what a run brought, as its record keeps it. Null: this elt worker's `elt.yaml` does not declare the stage. */
export async function verifyStage(
  stage: StageUnderCheck | null,
  trino: TrinoClient,
  store: BaselineStore & VerdictStore,
  signal?: AbortSignal,
): Promise<StageVerification> {
  if (stage === null) {
    const reason = 'The elt worker that saw the end of the run has an elt.yaml without this pipeline.';
    return { verified: 'unknown', reason };
  }
  const { verified, reason, checks } = await verifyIncrement(trino, store, stage, { signal });
  await store.keepVerdicts(stage.stage, stage.declared.pipeline, { at: new Date().toISOString(), verified, checks });
  return { verified, reason, checks };
}
