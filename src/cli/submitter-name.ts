import type { Config } from '../commons/config.js';
import type { SubmitterName } from '../spark/submitter.js';

/** Which submitter a new run uses: the flag or `spark.submitter`, with `spark.deployMode`. */
export function submitterName({ spark }: Config): SubmitterName {
  return spark.submitter === 'rest' ? 'rest' : `spark-submit-${spark.deployMode}`;
}
