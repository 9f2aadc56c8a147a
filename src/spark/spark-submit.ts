import { accessSync, constants } from 'node:fs';
import { lazy } from '../commons/lazy.js';
import { type ClusterAddresses, clusterDrivers } from './spark-rest.js';
import { sparkSubmitCommand } from './spark-submit-command.js';
import { type CreateOutcome, type SubmissionSpec, type Submitter, tooLate } from './submitter.js';

export interface SparkSubmitOptions extends ClusterAddresses {
  readonly home: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Starting a JVM and submitting takes seconds; a cluster that does not answer must not hold a step for ever. */
const submitTimeoutMs = 60_000;

const tetheredProcess = lazy(() => import('./tethered-process.js'));

/**
 * Submits with the `spark-submit` program in cluster mode. It exits 0 for rejected submissions and for drivers that fail: what
 * counts is the submission id that it logs. Everything else goes over HTTP, which is what `--status` and `--kill` do too.
 */
export function sparkSubmitClusterSubmitter(options: SparkSubmitOptions): Submitter {
  return {
    ...clusterDrivers(options),
    name: 'spark-submit-cluster',
    create: async (spec, signal, isInTime = () => true) => (isInTime() ? await create(options, spec, signal) : tooLate),
    requestMayArriveMs: submitTimeoutMs + 10_000,
  };
}

async function create(options: SparkSubmitOptions, spec: SubmissionSpec, signal?: AbortSignal): Promise<CreateOutcome> {
  const master = options.rest.map((url) => url.replace(/^https?:\/\//, '').replace(/\/+$/, '')).join(',');
  const command = sparkSubmitCommand(options.home, spec, { deployMode: 'cluster', master: `spark://${master}` });
  const program = command[0] as string;
  if (!canStart(program)) return { outcome: 'refused', isPermanent: true, detail: `${program} cannot be started` };
  const { runTethered } = await tetheredProcess();
  const { stdout, stderr, exitCode } = await runTethered(command, {
    env: { ...options.env },
    timeoutMs: submitTimeoutMs,
    signal,
  });
  return outcomeOf(`${stdout}\n${stderr}`, exitCode, options.rest.length);
}

function canStart(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Reads what spark-submit said. Pure. */
export function outcomeOf(said: string, exitCode: number | undefined, masters = 1): CreateOutcome {
  const submissionId = /"submissionId"\s*:\s*"(driver-[\w-]+)"|created as (driver-[\w-]+)/.exec(said);
  const isRefused = /"success"\s*:\s*false/.test(said);
  if (submissionId !== null && !isRefused) {
    return { outcome: 'created', submissionId: (submissionId[1] ?? submissionId[2]) as string };
  }
  if (submissionId !== null && /created as/.test(said)) {
    return { outcome: 'created', submissionId: (submissionId[2] ?? submissionId[1]) as string };
  }
  const detail = `spark-submit (exit ${exitCode ?? 'by signal'}): ${lastWords(said)}`;
  if (isRefusal(said, isRefused, masters)) return { outcome: 'refused', isPermanent: false, detail };
  const isUsage = exitCode === 1 && /^Error:|Exception in thread "main" org\.apache\.spark\.SparkException/m.test(said);
  return isUsage ? { outcome: 'refused', isPermanent: true, detail } : { outcome: 'uncertain', detail };
}

/**
 * RestSubmissionClient (3.5) says "Unable to connect to server" for a lost answer, too, and names the cause only for the last of several
 * masters.
 */
function isRefusal(said: string, isRefused: boolean, masters: number): boolean {
  if (!/Unable to connect to server/.test(said)) return isRefused;
  return masters === 1 && /Connection refused|UnknownHostException|NoRouteToHostException/.test(said);
}

function lastWords(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '));
  return (lines.findLast((line) => /error|exception|refused|fail/i.test(line)) ?? lines.at(-1) ?? 'no output').slice(
    0,
    300,
  );
}
