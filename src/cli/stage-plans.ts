/** What each stage submits, by its name: for schedules, retries and the check before a submission. */
import type { Config } from '../commons/config.js';
import { extractMainClass } from '../extract/submission.js';
import { maintainMainClass } from '../maintain/submission.js';
import type { RunFlags } from '../pipeline/plan.js';
import type { NewRun, Stage } from '../pipeline/run.js';
import { transformMainClass } from '../transform/submission.js';
import { planMaintain } from './plan-maintain.js';
import { recoverMainClass } from './plan-recover.js';
import { planRun } from './plan-run.js';

/** The driver classes that a run of a stage may start. */
export const mainClasses: Record<Stage, readonly string[]> = {
  extract: [extractMainClass, recoverMainClass],
  transform: [transformMainClass, recoverMainClass],
  maintain: [maintainMainClass],
};

/** The plan of today for a run of any stage. @throws EltError for what somebody has to correct */
export function planStage(
  config: Config,
  stage: Stage,
  pipeline: string,
  flags: RunFlags,
  now: Date,
  runId?: string,
): NewRun {
  if (stage === 'maintain') return planMaintain(config, pipeline, false, now);
  return planRun(config, stage, pipeline, flags, now, runId);
}
