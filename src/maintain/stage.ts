import type { VerdictStore } from '../pipeline/last-verdicts.js';
import type { StageDefinition } from '../pipeline/stage.js';
import type { StageUnderCheck } from '../pipeline/subject.js';
import type { BaselineStore } from '../pipeline/verified-baseline.js';
import { verifyIncrement } from '../pipeline/verify.js';
import type { TrinoClient } from '../trino/client.js';
import { lookAtTables, withKnowledge } from './last-knowledge.js';

/**
 * MAINTAIN as the control plane sees it: it has no position, claims no table and releases none. `underCheck`: the stages whose
 * tables it works on; they are verified before it begins, because nothing unverified may expire, and when it has ended, as after any
 * run. `refreshSince`: when the full refresh began that is going on, if one is.
 */
export function maintainStage(
  underCheck: (pipeline: string) => readonly StageUnderCheck[],
  trino: TrinoClient,
  store: BaselineStore & VerdictStore,
  refreshSince: (pipeline: string) => Promise<string | null>,
): StageDefinition {
  return {
    caughtUp: async () => null,
    finishSpec: async ({ pipeline, spec }, signal) => {
      const since = await refreshSince(pipeline);
      const known = await lookAtTables(pipeline, underCheck(pipeline), trino, store, signal);
      return withKnowledge(spec, known, since);
    },
    verify: async ({ pipeline }, signal) => {
      const verifications = [];
      for (const stage of underCheck(pipeline)) {
        verifications.push(await verifyIncrement(trino, store, stage, { signal }));
      }
      const verdicts = verifications.map(({ verified }) => verified);
      const reasons = verifications.map(({ reason }) => reason).filter((reason) => reason !== null);
      const verified = verdicts.includes(false) ? false : verdicts.includes('unknown') ? 'unknown' : true;
      const checks = verifications.flatMap((verification) => verification.checks);
      // The checks are those of the other stages, which keep them.
      await store.keepVerdicts('maintain', pipeline, { at: new Date().toISOString(), verified, checks: [] });
      return { verified, reason: reasons.join('\n') || null, checks };
    },
    tableFacts: async () => ({ claims: [], released: null, commits: [] }),
  };
}
