import { type Run, stages } from './run.js';
import { isRunId } from './run-id.js';

const runIdLength = '20261122t163000-x7k2ab'.length;

/** What `elt-STAGE-PIPELINE-RUNID` or, for later attempts, `elt-STAGE-PIPELINE-RUNID-N` says; null for any other name. */
export function parseDriverName(
  name: string,
): (Pick<Run, 'stage' | 'pipeline' | 'runId' | 'attempt'> & { readonly firstName: string }) | null {
  const [, firstName = '', attempt = '1'] = /^(elt-.*?\d{8}t\d{6}-[a-z2-7]{6})(?:-(\d+))?$/.exec(name) ?? [];
  const stage = stages.find((one) => firstName.startsWith(`elt-${one}-`));
  const runId = firstName.slice(-runIdLength);
  if (stage === undefined || !isRunId(runId)) return null;
  const pipeline = firstName.slice(`elt-${stage}-`.length, -runIdLength - 1);
  return pipeline === '' ? null : { stage, pipeline, runId, attempt: Number(attempt), firstName };
}

/** When a run was requested, as its id tells. ISO 8601 UTC. */
export function requestedAtOf(runId: string): string {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})/.exec(runId) ?? [];
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}
