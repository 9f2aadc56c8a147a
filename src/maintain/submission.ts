import type { ConfigValues } from '../commons/config-schema.js';
import { EltError } from '../commons/errors.js';
import { submissionSpec } from '../spark/submission.js';
import type { SubmissionSpec } from '../spark/submitter.js';
import { tablesOf } from './tables.js';

export const maintainMainClass = 'elt.maintain.MaintainDriver';

export interface MaintainTask {
  readonly name: string;
  readonly runId: string;
  readonly pipeline: string;
  /** Say what would be done, change nothing. */
  readonly isPlanOnly: boolean;
}

/**
 * The submission of a MAINTAIN driver, without what is known of its tables only when it is submitted (`last-knowledge.ts`). Pure.
 * @throws EltError `unknown-pipeline`
 */
export function maintainSubmission(config: ConfigValues, task: MaintainTask): SubmissionSpec {
  const maintain = config.pipelines[task.pipeline]?.maintain;
  if (maintain === undefined) throw new EltError('unknown-pipeline', `Unknown pipeline "${task.pipeline}".`);
  return submissionSpec(config, {
    name: task.name,
    mainClass: maintainMainClass,
    argument: {
      runId: task.runId,
      claim: task.runId,
      pipeline: task.pipeline,
      stage: 'maintain',
      catalog: config.catalog.name,
      planOnly: task.isPlanOnly,
      keepSnapshotsMs: maintain.keepSnapshots,
      orphanGraceMs: maintain.orphanGrace,
      allowShortGrace: maintain.allowShortGrace,
      targetFileSizeBytes: maintain.targetFileSize,
      minFilesToCompact: maintain.minFilesToCompact,
      tables: tablesOf(config, task.pipeline),
    },
  });
}
