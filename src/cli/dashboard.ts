import type { Argv } from 'yargs';
import { loadAll } from '../commons/lazy.js';
import { ReleaseStack } from '../commons/lifecycle.js';
import { createLogger } from '../commons/logger.js';
import { openDashboard } from '../dashboard/dashboard.js';
import type { CommandFactory } from './command.js';
import type { CliContext, GlobalArguments } from './context.js';
import { trinoOnDemand } from './services.js';

interface Arguments extends GlobalArguments {
  readonly port?: string;
}

/** `elt dashboard`. */
export const dashboardCommand: CommandFactory = (context) => ({
  command: 'dashboard',
  describe: 'Serve the overview, the JSON API and the queues on http://127.0.0.1:3001',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .option('port', { type: 'string', describe: 'default: dashboard.port, 3001' })
      .example('$0 dashboard', 'the overview; without a password the queues are off')
      .example('ELT_DASHBOARD_PASSWORD=… $0 dashboard', 'everything, after logging in'),
  handler: async (args: Arguments) => await serve(context, args),
});

/** Nobody waits for what a page was told last. */
const leaveWithinMs = 3_000;

/** Serves until SIGTERM or Ctrl-C. */
async function serve(context: CliContext, args: Arguments): Promise<void> {
  const config = await context.loadConfig(args, { 'dashboard.port': args.port });
  const { stderr } = context.output;
  await loadAll();
  const logger = createLogger({ level: config.log.level, stderr, isForPeople: stderr.isTTY === true });
  await ReleaseStack.using(async (releases) => {
    const trino = releases.push('Trino', trinoOnDemand(config), (one) => one.close());
    const { url, hasPassword } = await openDashboard({ config, trino, logger, releases });
    if (!context.output.isText) context.output.json({ url, hasPassword });
    else context.output.line(`The dashboard: ${url}`);
    if (!hasPassword) context.output.note('The queues are off: no password is set (ELT_DASHBOARD_PASSWORD).');
    await new Promise<void>((resolve) => {
      if (context.signal.aborted) resolve();
      context.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    // A queue whose Redis was never there does not close.
    context.leaveWithin(leaveWithinMs);
  });
}
