import { type ClusterAddresses, clusterDrivers } from './spark-rest.js';
import { sparkSubmitCommand } from './spark-submit-command.js';
import type { CreateOutcome, SubmissionSpec, Submitter } from './submitter.js';

export interface SparkSubmitOptions extends ClusterAddresses {
  readonly home: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Starting a JVM and submitting takes seconds; a cluster that does not answer must not hold a step for ever. */
const submitTimeoutMs = 60_000;

/**
 * Submits with the `spark-submit` program in cluster mode. It exits 0 for rejected submissions and for drivers that fail: what
 * counts is the submission id that it logs. Everything else goes over HTTP, which is what `--status` and `--kill` do too.
 */
export function sparkSubmitClusterSubmitter(options: SparkSubmitOptions): Submitter {
  return {
    ...clusterDrivers(options),
    name: 'spark-submit-cluster',
    create: (spec, signal) => create(options, spec, signal),
  };
}

async function create(options: SparkSubmitOptions, spec: SubmissionSpec, signal?: AbortSignal): Promise<CreateOutcome> {
  const master = options.rest.map((url) => url.replace(/^https?:\/\//, '').replace(/\/+$/, '')).join(',');
  const [program, ...args] = sparkSubmitCommand(options.home, spec, {
    deployMode: 'cluster',
    master: `spark://${master}`,
  });
  const { execa } = await import('execa');
  const result = await execa(program as string, args, {
    env: { ...options.env },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: submitTimeoutMs,
    killSignal: 'SIGKILL',
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (result.code === 'ENOENT' || result.code === 'EACCES') {
    return { outcome: 'refused', isPermanent: true, detail: `${program} cannot be started (${result.code})` };
  }
  return outcomeOf(`${result.stdout}\n${result.stderr}`, result.exitCode);
}

/** Reads what spark-submit said. Pure. */
export function outcomeOf(said: string, exitCode: number | undefined): CreateOutcome {
  const submissionId = /"submissionId"\s*:\s*"(driver-[\w-]+)"|created as (driver-[\w-]+)/.exec(said);
  const isRefused = /"success"\s*:\s*false/.test(said);
  if (submissionId !== null && !isRefused) {
    return { outcome: 'created', submissionId: (submissionId[1] ?? submissionId[2]) as string };
  }
  if (submissionId !== null && /created as/.test(said)) {
    return { outcome: 'created', submissionId: (submissionId[2] ?? submissionId[1]) as string };
  }
  const detail = `spark-submit (exit ${exitCode ?? 'by signal'}): ${lastWords(said)}`;
  if (isRefused || /Connection refused|Unable to connect to server/.test(said)) {
    return { outcome: 'refused', isPermanent: false, detail };
  }
  const isUsage = exitCode === 1 && /^Error:|Exception in thread "main" org\.apache\.spark\.SparkException/m.test(said);
  return isUsage ? { outcome: 'refused', isPermanent: true, detail } : { outcome: 'uncertain', detail };
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
