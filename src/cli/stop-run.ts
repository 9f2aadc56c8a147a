import { isFinal, type Run } from '../pipeline/run.js';
import { attach } from './attach.js';
import { RunDisplay } from './run-display.js';
import type { Runs } from './runs.js';

/** Asks for a graceful stop and waits for the end, or until the signal. The driver finishes or abandons the batch in hand. */
export async function stopRun(runs: Runs, runId: string): Promise<Run> {
  const { store, now } = runs.services;
  await store.change(runId, (run) =>
    isFinal(run.state) || run.stopRequestedAt !== null ? null : { stopRequestedAt: now().toISOString(), calmSteps: 0 },
  );
  return await untilFinal(runs, runId);
}

/** Asks for the hardest end that the engine offers, and waits for it. */
export async function killRun(runs: Runs, runId: string): Promise<Run> {
  const { store, now } = runs.services;
  await store.change(runId, (run) =>
    isFinal(run.state) || run.killRequestedAt !== null ? null : { killRequestedAt: now().toISOString(), calmSteps: 0 },
  );
  return await untilFinal(runs, runId);
}

async function untilFinal(runs: Runs, runId: string): Promise<Run> {
  const { signal, output } = runs.context;
  const display = new RunDisplay(output);
  const isDone = (run: Run) => isFinal(run.state);
  const seen = await attach(runs, runId, isDone, (run) => display.update(run), signal).finally(() => display.close());
  return seen.run;
}
