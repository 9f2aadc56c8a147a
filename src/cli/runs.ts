/** What the commands about runs share. */
import type { Config } from '../commons/config.js';
import { EltError, type ExitCode, exitCodes } from '../commons/errors.js';
import { ReleaseStack } from '../commons/lifecycle.js';
import { createLogger, type Logger } from '../commons/logger.js';
import { asRedisError } from '../pipeline/redis.js';
import type { Run, RunState } from '../pipeline/run.js';
import type { RunServices } from '../pipeline/run-services.js';
import type { CliContext, GlobalArguments } from './context.js';
import { openServices } from './services.js';

/** An open connection to the runs, for the time of one command. */
export interface Runs {
  readonly context: CliContext;
  readonly config: Config;
  readonly services: RunServices;
  readonly logger: Logger;
  readonly releases: ReleaseStack;
}

/** Opens everything about runs, acts, closes it all. Log lines of one-off commands start at `warn`, unless the user asks for more. */
export async function withRuns<T>(
  context: CliContext,
  args: GlobalArguments,
  action: (runs: Runs) => Promise<T>,
  options: { readonly flags?: Readonly<Record<string, unknown>>; readonly isLongLived?: boolean } = {},
): Promise<T> {
  const config = await context.loadConfig(args, options.flags);
  const level = options.isLongLived || config.origins.has('log.level') ? config.log.level : 'warn';
  const { stderr } = context.output;
  const isForPeople = !options.isLongLived || stderr.isTTY === true;
  const logger = createLogger({ level, stderr, isForPeople });
  try {
    return await ReleaseStack.using(async (releases) => {
      const services = await openServices(context, config, logger, releases);
      return await action({ context, config, services, logger, releases });
    });
  } catch (error) {
    throw asRedisError(config.redis.url, error);
  }
}

const exitCodeOfState: Partial<Record<RunState, ExitCode>> = {
  failed: exitCodes.runFailed,
  stopped: exitCodes.stopped,
  fenced: exitCodes.fencedOrLost,
  lost: exitCodes.fencedOrLost,
};

/** How `elt run` ends for a run that ended so: a verification that failed is worse than a stop. */
export function exitCodeOf(run: Run): ExitCode {
  if (run.state === 'failed' && run.error?.code === 'unreachable') return exitCodes.unreachable;
  if (run.error?.code === 'already-running') return exitCodes.alreadyRunning;
  if (run.verified === false && (run.state === 'succeeded' || run.state === 'stopped'))
    return exitCodes.validationFailed;
  return exitCodeOfState[run.state] ?? exitCodes.ok;
}

/** @throws EltError `unknown-run` */
export async function requireRun({ services }: Runs, runId: string): Promise<Run> {
  const stored = await services.store.get(runId);
  if (stored !== null) return stored.run;
  throw new EltError('unknown-run', `Unknown run "${runId}".`, { hint: 'The runs there are: elt status' });
}
