/** Staying with a run from the command line: what is shown of it, and what is said when it goes on without us. */
import { EltError, exitCodes } from '../commons/errors.js';
import { isFinal, isSettled, type Run, reportOf } from '../pipeline/run.js';
import { attach } from './attach.js';
import { summaryLines } from './progress-lines.js';
import { restartLine, restartReport } from './restart-lines.js';
import { RunDisplay } from './run-display.js';
import { exitCodeOf, type Runs } from './runs.js';

/** How to stay with a run. `replaced`: with `--restart`, the run that was stopped for it, if there was one. */
export interface FollowOptions {
  readonly detach: boolean;
  readonly replaced?: Run | null;
}

/** Waits for the end of a run that somebody else asked for; false when the signal came first. */
export async function waitFor(runs: Runs, active: Run): Promise<boolean> {
  const { context } = runs;
  if (active.mode === 'follow') {
    throw new EltError(
      'usage',
      `${active.runId} follows: it goes on until it is stopped, so waiting would never end.`,
      {
        hint: `Replace it: elt run ${active.stage} ${active.pipeline} --restart`,
      },
    );
  }
  context.output.note(`Waiting for ${active.runId}, which is active.`);
  const seen = await attach(
    runs,
    active.runId,
    (one) => isFinal(one.state),
    () => {},
    context.signal,
  );
  if (!seen.isDone) interrupted(runs, seen.run, seen.hasWorker);
  return seen.isDone;
}

/** Stays with the run until it is over, or until its driver is submitted with `--detach`. */
export async function follow(runs: Runs, runId: string, options: FollowOptions): Promise<void> {
  const { context } = runs;
  const { output, signal } = context;
  const display = new RunDisplay(output);
  const isDone = options.detach ? (one: Run) => one.submissionId !== null || isFinal(one.state) : isSettled;
  const seen = await attach(runs, runId, isDone, (one) => display.update(one), signal).finally(() => display.close());
  if (!seen.isDone) return interrupted(runs, seen.run, seen.hasWorker);
  show(runs, seen.run, options.replaced);
  if (!isFinal(seen.run.state)) explainDetached(runs, seen.run, seen.hasWorker);
  else context.setExitCode(exitCodeOf(seen.run));
}

function show({ context }: Runs, one: Run, replaced?: Run | null): void {
  const { output } = context;
  const restarted =
    replaced === undefined ? {} : { restarted: replaced === null ? null : restartReport(replaced, one) };
  if (output.format === 'json') output.json({ ...reportOf(one), ...restarted });
  if (output.isText && isFinal(one.state)) for (const line of summaryLines(one)) output.line(line);
  if (output.isText && !isFinal(one.state)) output.line(`${one.runId} ${one.state}`);
  if (output.isText && replaced) output.line(restartLine(replaced, one));
  if (one.error === null) return;
  output.note(`${output.red('error:')} ${one.error.message} (${one.error.code})`);
  if (one.submissionId !== null) output.note(`The driver's own log: elt logs ${one.runId}`);
}

/** Ctrl-C: the run goes on. */
export function interrupted(runs: Runs, one: Run, hasWorker: boolean): void {
  show(runs, one);
  explainDetached(runs, one, hasWorker);
  runs.context.setExitCode(runs.context.signal.reason === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted);
}

function explainDetached({ context }: Runs, one: Run, hasWorker: boolean): void {
  const { output } = context;
  const name = `${one.stage} ${one.pipeline}`;
  output.note(`Detached: ${one.runId} goes on. Follow it: elt run ${name} --attach. Stop it: elt stop ${name}`);
  if (hasWorker) return;
  const what =
    one.submissionId === null ? 'it is submitted when one is' : 'its driver goes on, but nobody looks after it';
  output.note(output.yellow(`No elt worker is alive: ${what}. Start one: elt worker`));
}

export function refuse({ context }: Runs, active: Run): void {
  const { output } = context;
  if (output.isText) output.line(`${active.runId} ${active.state}`);
  else output.json(reportOf(active));
  const name = `${active.stage} ${active.pipeline}`;
  output.note(
    `${output.red('error:')} ${name} is running already: ${active.runId} (${active.state}). Nothing was started.`,
  );
  if (active.origin?.by === 'schedule') {
    output.note(
      `It was started by the schedule at ${active.requestedAt.slice(11, 19)} UTC and ends when it has read what was there then.`,
    );
    output.note(`Wait for it and run after it: elt run ${name} --wait. No scheduled runs for now: elt pause ${name}`);
  }
  output.note(`Follow it: elt run ${name} --attach. Replace it: elt run ${name} --restart. Stop it: elt stop ${name}`);
  context.setExitCode(exitCodes.alreadyRunning);
}
