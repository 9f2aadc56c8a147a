import { NoAnswer, request } from './http.js';
import type { LogChunk, LogStream } from './submitter.js';

/** The worker sends at most this much at once. */
export const chunkBytes = 256 * 1024;

/** A piece of a driver's log from its Spark worker's web UI. */
export async function readWorkerLog(
  workerUi: string,
  driverId: string,
  stream: LogStream,
  offset: number,
  signal?: AbortSignal,
): Promise<LogChunk> {
  const query = new URLSearchParams({ driverId, logType: stream, offset: `${offset}`, byteLength: `${chunkBytes}` });
  try {
    const answer = await request(`${workerUi}/log/?${query}`, { signal });
    return parseLogPage(answer.text) ?? { isAvailable: false, detail: `${workerUi}: HTTP ${answer.status}, no log` };
  } catch (error) {
    if (error instanceof NoAnswer) return { isAvailable: false, detail: error.message };
    throw error;
  }
}

/** `==== Bytes 0-120 of 120 of /work/driver-1/stdout ====`, then the bytes as UTF-8 text. */
export function parseLogPage(page: string): LogChunk | undefined {
  const header = /^==== Bytes (\d+)-(\d+) of (\d+) of .* ====\n/.exec(page);
  if (header === null) return undefined;
  const [start, end, total] = [Number(header[1]), Number(header[2]), Number(header[3])];
  return {
    isAvailable: true,
    bytes: originalBytes(page.slice(header[0].length), end - start),
    nextOffset: end,
    totalBytes: total,
  };
}

/** A worker in a C locale decodes as ASCII and sends U+FFFD for every other byte: count each as the one byte it was. */
function originalBytes(text: string, length: number): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length === length ? bytes : Buffer.from(text.replaceAll('\uFFFD', '?'), 'utf8');
}

/**
 * The complete lines of a chunk that starts at `offset`, and the offset of the first incomplete one. The page replaces bytes
 * that are no UTF-8 (a character cut in two at its end): they lie behind the last line break, so complete lines are exact.
 */
export function completeLines(bytes: Buffer, offset: number): { lines: readonly string[]; nextOffset: number } {
  const end = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  return { lines, nextOffset: offset + end };
}
