import type { Argv } from 'yargs';
import { dataStages } from '../pipeline/run.js';
import type { CommandFactory } from './command.js';
import type { GlobalArguments } from './context.js';
import { type RecoverArguments, recoverOffsets } from './offsets-recover.js';
import { showOffsets } from './offsets-show.js';

interface OffsetsArguments extends RecoverArguments {
  readonly action: 'show' | 'recover';
}

/** `elt offsets show|recover`. */
export const offsetsCommand: CommandFactory = (context) => ({
  command: 'offsets <action> [pipeline]',
  describe: 'Positions and lag per partition, or recompute a lost position from the rows',
  builder: (yargs: Argv<GlobalArguments>) =>
    yargs
      .positional('action', { choices: ['show', 'recover'] as const, demandOption: true })
      .positional('pipeline', { type: 'string', describe: 'default: all pipelines (show), the only one (recover)' })
      .option('stage', { choices: dataStages, default: 'extract' as const, describe: 'recover: whose table' })
      .option('yes', { type: 'boolean', default: false, describe: 'recover: do it; without it, only show' })
      .example('$0 offsets show', 'how far every table is, and how far behind its topic')
      .example('$0 offsets recover numbers', 'the position in the ledger beside the one recomputed from the rows')
      .example('$0 offsets recover numbers --yes', 'write the recomputed position into the table'),
  handler: async (args: OffsetsArguments) => {
    const config = await context.loadConfig(args);
    if (args.action === 'show') await showOffsets(context, config, args.pipeline);
    else await recoverOffsets(context, config, args);
  },
});
