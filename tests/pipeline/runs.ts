/** Runs for tests. */
import { newRun, type Run } from '../../src/pipeline/run.js';
import { specNamed } from '../spark/submitter-contract.js';

export function aRun(runId: string, changes: Partial<Run> = {}): Run {
  const stage = changes.stage ?? 'extract';
  const pipeline = changes.pipeline ?? 'numbers';
  const spec = specNamed(`elt-${stage}-${pipeline}-${runId}`);
  return {
    ...newRun({
      runId,
      stage,
      pipeline,
      mode: 'drain',
      table: 'raw.numbers',
      submitter: 'rest',
      spec: {
        ...spec,
        args: [JSON.stringify({ runId, claim: runId, mode: changes.mode ?? 'drain', table: 'raw.numbers' })],
      },
      isForced: false,
      requestedAt: new Date().toISOString(),
    }),
    ...changes,
  };
}
