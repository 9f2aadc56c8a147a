import type { ConfigValues } from '../commons/config-schema.js';
import { EltError } from '../commons/errors.js';
import type { DriverTask } from '../pipeline/stage.js';
import { submissionSpec } from '../spark/submission.js';
import type { SubmissionSpec } from '../spark/submitter.js';

export const extractMainClass = 'elt.extract.ExtractDriver';

/** The submission of an EXTRACT driver. Pure. @throws EltError `stage-not-declared` */
export function extractSubmission(config: ConfigValues, task: DriverTask): SubmissionSpec {
  const extract = config.pipelines[task.pipeline]?.extract;
  if (extract === undefined) {
    throw new EltError('stage-not-declared', `Pipeline "${task.pipeline}" has no extract stage in elt.yaml.`);
  }
  return submissionSpec(config, {
    name: task.name,
    mainClass: extractMainClass,
    argument: {
      runId: task.runId,
      claim: task.claim,
      pipeline: task.pipeline,
      stage: 'extract',
      mode: task.mode,
      catalog: config.catalog.name,
      table: extract.table,
      commitIntervalMs: extract.commitInterval,
      maxRowsPerCommit: extract.maxRowsPerCommit,
      kafka: {
        bootstrapServers: config.kafka.bootstrapServers,
        topic: extract.topic,
        properties: config.kafka.properties,
      },
      startFrom: extract.startFrom,
      gaps: extract.gaps,
      acceptNewTopic: task.acceptsNewTopic,
      acceptLoss: task.acceptsLoss,
      ...(config.metrics.statsd === undefined ? {} : { statsd: config.metrics.statsd }),
    },
  });
}
