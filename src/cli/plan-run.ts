/** What a run will be, from the configuration and the flags: nothing is asked and nothing is changed. */
import type { Config } from '../commons/config.js';
import { EltError } from '../commons/errors.js';
import { extractSubmission } from '../extract/submission.js';
import type { RunFlags } from '../pipeline/plan.js';
import { type DataStage, driverName, type NewRun, type RunMode, type Stage } from '../pipeline/run.js';
import { newRunId } from '../pipeline/run-id.js';
import type { DriverTask } from '../pipeline/stage.js';
import { readPipelineSql } from '../transform/pipeline-sql.js';
import { transformSubmission } from '../transform/submission.js';
import { submitterName } from './submitter-name.js';

/** @throws EltError for what the user has to correct: stage not declared, SQL missing, flags that do not belong to the stage */
export function planRun(
  config: Config,
  stage: DataStage,
  pipeline: string,
  flags: RunFlags,
  now: Date,
  runId = newRunId(now),
): NewRun {
  refuseForeignFlags(stage, flags);
  const declared = config.pipelines[pipeline]?.[stage];
  const mode: RunMode = flags.drain ? 'drain' : flags.follow ? 'follow' : (declared?.mode ?? 'drain');
  const task: DriverTask = {
    name: driverName({ stage, pipeline, runId }),
    runId,
    claim: runId,
    pipeline,
    mode,
    acceptsNewTopic: flags.acceptNewTopic === true,
    acceptsLoss: flags.acceptLoss === true,
    isFullRefresh: flags.fullRefresh === true,
  };
  return {
    runId,
    stage,
    pipeline,
    mode,
    table: declared?.table ?? '',
    submitter: submitterName(config),
    spec:
      stage === 'extract'
        ? extractSubmission(config, task)
        : transformSubmission(config, task, readPipelineSql(config, pipeline)),
    isForced: task.acceptsNewTopic || task.acceptsLoss || task.isFullRefresh,
    requestedAt: now.toISOString(),
  };
}

/** The named pipeline, or the only one that has the stage; every pipeline has tables to maintain. @throws EltError `unknown-pipeline`, `pipeline-missing` */
export function choosePipeline(config: Config, stage: Stage, name: string | undefined): string {
  const names = Object.keys(config.pipelines).filter((one) => isDeclared(config, stage, one));
  const where = config.file ?? 'an elt.yaml, which was not found here or above';
  const hint = `Pipelines are declared in ${where}.`;
  if (name !== undefined) {
    if (names.includes(name)) return name;
    const declared = names.length === 0 ? 'none is declared' : `declared: ${names.join(', ')}`;
    throw new EltError('unknown-pipeline', `Unknown pipeline "${name}" for ${stage}; ${declared}.`, { hint });
  }
  const [only, second] = names;
  if (only !== undefined && second === undefined) return only;
  if (only === undefined) throw new EltError('pipeline-missing', `No pipeline with ${stage} is declared.`, { hint });
  throw new EltError('pipeline-missing', `Which pipeline? Declared with ${stage}: ${names.join(', ')}.`, {
    hint: `For example: elt ${stage === 'maintain' ? stage : `run ${stage}`} ${only}`,
  });
}

function isDeclared({ pipelines }: Config, stage: Stage, pipeline: string): boolean {
  return stage === 'maintain' || pipelines[pipeline]?.[stage] !== undefined;
}

function refuseForeignFlags(stage: DataStage, flags: RunFlags): void {
  const foreign =
    stage === 'extract'
      ? flags.fullRefresh && '--full-refresh belongs to transform: RAW is rebuilt from nowhere'
      : (flags.acceptNewTopic || flags.acceptLoss) && '--accept-new-topic and --accept-loss belong to extract';
  if (typeof foreign === 'string') throw new EltError('usage', `${foreign}.`, { hint: 'See: elt run --help' });
}
