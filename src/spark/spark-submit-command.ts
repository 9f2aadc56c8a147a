import { join } from 'node:path';
import { EltError } from '../commons/errors.js';
import type { SubmissionSpec } from './submitter.js';

/** `spark-submit` with every property as `--conf`. Pure; the arguments hold no secret because the properties do not. */
export function sparkSubmitCommand(
  home: string | undefined,
  spec: SubmissionSpec,
  mode: { readonly deployMode: 'client' | 'cluster'; readonly master: string },
): readonly string[] {
  const { 'spark.master': _, 'spark.submit.deployMode': __, ...properties } = spec.properties;
  return [
    sparkSubmitProgram(home),
    '--master',
    mode.master,
    '--deploy-mode',
    mode.deployMode,
    '--name',
    spec.name,
    '--class',
    spec.mainClass,
    // Without it spark-submit speaks the legacy RPC protocol in cluster mode (SparkSubmitArguments.useRest, 3.5).
    ...(mode.deployMode === 'cluster' ? ['--conf', 'spark.master.rest.enabled=true'] : []),
    ...Object.entries(properties).flatMap(([key, value]) => ['--conf', `${key}=${value}`]),
    spec.jar,
    ...spec.args,
  ];
}

/** @throws EltError `spark-home-missing` */
export function sparkSubmitProgram(home: string | undefined): string {
  if (home === undefined) {
    throw new EltError(
      'spark-home-missing',
      'The spark-submit submitter needs spark.home, the folder of a Spark 3.5.3.',
      {
        hint: 'Set it in elt.yaml or as ELT_SPARK_HOME, or use --submitter rest.',
      },
    );
  }
  return join(home, 'bin', 'spark-submit');
}
