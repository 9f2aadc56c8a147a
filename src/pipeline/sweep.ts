/** What a worker looks after beside its jobs: jobs that nobody can read, runs that lost their job, schedules. */
import { enqueue, type RunQueue } from './queue.js';
import { shown } from './queue-jobs.js';
import type { Stage } from './run.js';
import { isRecordRefused } from './run-record.js';
import type { RunServices } from './run-services.js';
import type { Schedules } from './schedules.js';
import { removeUnreadable } from './unreadable-jobs.js';

/** One sweep; what fails is tried again with the next one. */
export async function sweep(
  stage: Stage,
  queue: RunQueue,
  services: RunServices,
  schedules: Schedules | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { store, logger } = services;
  const tended = async (trouble: string, tend: () => Promise<unknown>): Promise<void> => {
    await tend().catch((err: unknown) => logger.debug({ err, stage }, trouble));
  };
  await tended('the sweeper could not look after unreadable jobs', async () => {
    for (const job of await removeUnreadable(queue)) {
      logger.error({ stage, job: shown(job) }, 'a queue job that is no JSON was removed');
    }
  });
  await tended('the sweeper could not look after open runs', async () => {
    await services.reconcile(signal);
    for (const runId of await store.open()) {
      await tended('the sweeper could not look after a run', async () => await tendRun(runId, stage, queue, services));
    }
  });
  await tended('the sweeper could not look after schedules', async () => await schedules?.reconcile(stage, queue));
}

async function tendRun(runId: string, stage: Stage, queue: RunQueue, { store, logger }: RunServices): Promise<void> {
  try {
    const stored = await store.get(runId);
    if (stored?.run.stage === stage) await enqueue(queue, runId);
  } catch (error) {
    if (!isRecordRefused(error)) throw error;
    if (!(await store.setAside(runId))) return;
    logger.error({ run: shown(runId), why: error.message }, 'a run record was refused and set aside');
  }
}
