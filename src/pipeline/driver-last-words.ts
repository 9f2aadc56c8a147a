import { chunkBytes } from '../spark/driver-log.js';
import type { Submitter } from '../spark/submitter.js';
import type { Run } from './run.js';

/** The last telling line of a driver's stderr, for the message of a run whose driver died without a word. */
export async function lastWordsOf(run: Run, submitter: Submitter, signal: AbortSignal): Promise<string | null> {
  if (run.logAddress === null || run.submissionId === null) return null;
  const read = (offset: number) =>
    submitter.readLog(run.logAddress as string, run.submissionId as string, 'stderr', offset, signal);
  const first = await read(0);
  if (!first.isAvailable) return null;
  const last = first.totalBytes > chunkBytes ? await read(first.totalBytes - chunkBytes) : first;
  return last.isAvailable ? tellingLine(last.bytes.toString('utf8')) : null;
}

/** The last line that names an error; else null: noise says nothing. */
export function tellingLine(stderr: string): string | null {
  const lines = stderr.split('\n').filter((line) => !/^\s+at |^Launch Command|^=+$/.test(line));
  const telling = lines.findLast((line) => /Exception|Error|error:|Killed|OutOfMemory|cannot|failed/.test(line));
  return telling === undefined ? null : telling.trim().slice(0, 400);
}
