/** The run that recomputes a position (elt.ledger.RecoverDriver), from the configuration. Pure. */

import type { Config } from '../commons/config.js';
import { rejectsTableOf } from '../commons/config-check.js';
import { EltError } from '../commons/errors.js';
import { type DataStage, driverName, type NewRun } from '../pipeline/run.js';
import { newRunId } from '../pipeline/run-id.js';
import { submissionSpec } from '../spark/submission.js';
import { submitterName } from './submitter-name.js';

export const recoverMainClass = 'elt.ledger.RecoverDriver';

/** It is a run of the stage, so that it never works beside another one. Throws EltError `stage-not-declared`. */
export function planRecover(config: Config, stage: DataStage, pipeline: string, now: Date): NewRun {
  const runId = newRunId(now);
  const name = driverName({ stage, pipeline, runId });
  const { table, ...coordinate } = coordinateOf(config, stage, pipeline);
  const argument = { runId, claim: runId, pipeline, stage, catalog: config.catalog.name, table, ...coordinate };
  return {
    runId,
    stage,
    pipeline,
    mode: 'drain',
    table,
    submitter: submitterName(config),
    spec: submissionSpec(config, { name, mainClass: recoverMainClass, argument }),
    isForced: true,
    requestedAt: now.toISOString(),
  };
}

function coordinateOf({ pipelines }: Config, stage: DataStage, pipeline: string) {
  const { extract, transform } = pipelines[pipeline] ?? {};
  if (stage === 'extract' && extract !== undefined) return { table: extract.table, coordinate: 'kafka' };
  const from = transform?.from ?? extract?.table;
  if (stage === 'transform' && transform !== undefined && from !== undefined) {
    return { table: transform.table, coordinate: 'clock', from, rejectsTable: rejectsTableOf(transform) };
  }
  throw new EltError('stage-not-declared', `Pipeline "${pipeline}" has no ${stage} stage in elt.yaml.`);
}
