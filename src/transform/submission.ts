import { rejectsTableOf } from '../commons/config-check.js';
import type { ConfigValues } from '../commons/config-schema.js';
import { EltError } from '../commons/errors.js';
import type { DriverTask } from '../pipeline/stage.js';
import { submissionSpec } from '../spark/submission.js';
import type { SubmissionSpec } from '../spark/submitter.js';

export const transformMainClass = 'elt.transform.TransformDriver';

/** The submission of a TRANSFORM driver. Pure: the SQL text is given. @throws EltError `stage-not-declared` */
export function transformSubmission(config: ConfigValues, task: DriverTask, sql: string): SubmissionSpec {
  const pipeline = config.pipelines[task.pipeline];
  const transform = pipeline?.transform;
  const from = transform?.from ?? pipeline?.extract?.table;
  if (transform === undefined || from === undefined) {
    throw new EltError('stage-not-declared', `Pipeline "${task.pipeline}" has no transform stage in elt.yaml.`);
  }
  return submissionSpec(config, {
    name: task.name,
    mainClass: transformMainClass,
    argument: {
      runId: task.runId,
      claim: task.claim,
      pipeline: task.pipeline,
      stage: 'transform',
      mode: task.mode,
      catalog: config.catalog.name,
      table: transform.table,
      commitIntervalMs: transform.commitInterval,
      maxRowsPerCommit: transform.maxRowsPerCommit,
      from,
      rejectsTable: rejectsTableOf(transform),
      sql,
      acceptedWindow: transform.acceptedWindow,
      fullRefresh: task.isFullRefresh,
      ...(config.metrics.statsd === undefined ? {} : { statsd: config.metrics.statsd }),
    },
  });
}
