/** How long a run that was asked to end may take. Pure. */
import type { Run } from './run.js';

/** Spark gives a driver 60 s between SIGTERM and SIGKILL (spark.worker.driverTerminateTimeout). */
export const termThenKillMs = 70_000;
const hardKillTakesMs = 10_000;

/** Whether the end that was asked for is overdue, whether or not the request reached the driver: should it live, the next claim fences it. */
export function isEndOverdue({ killRequestedAt, stopRequestedAt }: Run, now: Date): boolean {
  const sinceMs = (at: string | null) => (at === null ? 0 : now.getTime() - Date.parse(at));
  return sinceMs(killRequestedAt) > hardKillTakesMs || sinceMs(stopRequestedAt) > termThenKillMs + hardKillTakesMs;
}
