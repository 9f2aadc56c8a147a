/** The run that maintains a pipeline's tables, from the configuration. Pure. */
import type { Config } from '../commons/config.js';
import { maintainSubmission } from '../maintain/submission.js';
import { tablesOf } from '../maintain/tables.js';
import { driverName, type NewRun } from '../pipeline/run.js';
import { newRunId } from '../pipeline/run-id.js';
import { submitterName } from './submitter-name.js';

/** `isPlanOnly`: a driver that says what it would do. @throws EltError `unknown-pipeline` */
export function planMaintain(config: Config, pipeline: string, isPlanOnly: boolean, now: Date): NewRun {
  const runId = newRunId(now);
  const name = driverName({ stage: 'maintain', pipeline, runId });
  const spec = maintainSubmission(config, { name, runId, pipeline, isPlanOnly });
  return {
    runId,
    stage: 'maintain',
    pipeline,
    mode: 'drain',
    table: tablesOf(config, pipeline)[0]?.table ?? '',
    submitter: submitterName(config),
    spec,
    isForced: false,
    requestedAt: now.toISOString(),
  };
}
