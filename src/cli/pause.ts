import type { Argv } from 'yargs';
import { openQueue } from '../pipeline/queue.js';
import { type Stage, stages } from '../pipeline/run.js';
import { declaredSchedules, timingText } from '../pipeline/schedule.js';
import { applySchedule } from '../pipeline/schedules.js';
import { queueAddress } from './attach.js';
import type { Command, CommandFactory } from './command.js';
import type { CliContext, GlobalArguments } from './context.js';
import { choosePipeline } from './plan-run.js';
import { type Runs, withRuns } from './runs.js';
import { scheduleReport } from './schedule-lines.js';

interface Arguments extends GlobalArguments {
  readonly stage: Stage;
  readonly pipeline?: string;
}

/** `elt pause STAGE [pipeline]`. */
export const pauseCommand: CommandFactory = (context) =>
  command(context, 'pause', 'Start no scheduled runs of a stage until it is resumed', {
    example: ['$0 pause transform', 'kept in Redis, through restarts; a run that is active goes on'],
    act: async (runs, key) => await runs.services.schedules.pause(key, runs.services.now()),
  });

/** `elt resume STAGE [pipeline]`. */
export const resumeCommand: CommandFactory = (context) =>
  command(context, 'resume', 'Start scheduled runs of a stage again', {
    example: ['$0 resume transform', 'slots that passed meanwhile are not made up for: the next run reads everything'],
    act: async (runs, key) => await runs.services.schedules.pause(key, null),
  });

function command(
  context: CliContext,
  verb: 'pause' | 'resume',
  describe: string,
  how: {
    readonly example: [string, string];
    readonly act: (runs: Runs, key: { stage: Stage; pipeline: string }) => Promise<boolean>;
  },
): Command {
  return {
    command: `${verb} <stage> [pipeline]`,
    describe,
    builder: (yargs: Argv<GlobalArguments>) =>
      yargs
        .positional('stage', { choices: stages, demandOption: true, describe: 'Whose schedule' })
        .positional('pipeline', { type: 'string', describe: 'default: the only one declared' })
        .example(...how.example),
    handler: async (args: Arguments) =>
      await withRuns(context, args, async (runs) => {
        const key = { stage: args.stage, pipeline: choosePipeline(runs.config, args.stage, args.pipeline) };
        const isNew = await how.act(runs, key);
        await tellBullMq(runs, key);
        await show(runs, key, verb, isNew);
      }),
  };
}

/** At once; the workers' sweep would do the same within seconds. */
async function tellBullMq(runs: Runs, key: { stage: Stage; pipeline: string }): Promise<void> {
  const queue = openQueue(key.stage, queueAddress(runs), () => undefined);
  try {
    await applySchedule(queue, await runs.services.schedules.get(key), runs.logger);
  } finally {
    await queue.close();
  }
}

async function show(
  { context: { output }, config, services }: Runs,
  key: { stage: Stage; pipeline: string },
  verb: 'pause' | 'resume',
  isNew: boolean,
): Promise<void> {
  const record = await services.schedules.get(key);
  const next = await services.schedules.nextSlot(key);
  if (!output.isText) return output.json({ schedules: [scheduleReport(record, next)] });
  const name = `${key.stage} ${key.pipeline}`;
  const ofConfig = declaredSchedules(config.pipelines).find(
    (one) => one.stage === key.stage && one.pipeline === key.pipeline,
  );
  const declared = record.timing ?? ofConfig?.timing ?? null;
  const timing = declared === null ? 'it has no schedule in elt.yaml' : timingText(declared);
  if (verb === 'pause') {
    output.line(`${name} ${isNew ? 'is paused' : `was paused already, since ${record.pausedAt}`} (${timing})`);
    output.note(
      `No scheduled run starts until: elt resume ${name}. An active run goes on; to stop it: elt stop ${name}`,
    );
    return;
  }
  const when = next === null ? 'an elt worker takes it up when it starts' : `next at ${next.toISOString()}`;
  output.line(
    `${name} ${isNew ? 'is resumed' : 'was not paused'} (${timing}; ${declared === null ? 'nothing to start' : when})`,
  );
}
