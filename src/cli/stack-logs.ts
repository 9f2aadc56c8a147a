import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { closest } from '../commons/did-you-mean.js';
import { EltError } from '../commons/errors.js';
import type { StackLayout } from '../stack/layout.js';
import type { ServiceName } from '../stack/service.js';
import { logFile } from '../stack/service-processes.js';
import { services } from '../stack/services/index.js';

export interface LogOptions {
  /** How many of the last lines. */
  readonly lines: number;
  readonly isFollowing: boolean;
  readonly signal: AbortSignal;
  readonly write: (text: string) => unknown;
}

const followIntervalMs = 250;
const chunkBytes = 64 << 10;

/** Writes the end of a service's log, and what is added to it until `signal` aborts. */
export async function showLog(layout: StackLayout, name: string, options: LogOptions): Promise<void> {
  const path = logFile(layout, serviceNamed(name));
  const decoder = new StringDecoder('utf8');
  let position = await reading(path, async (file) => {
    const { size } = await file.stat();
    return copy(file, await startOfLastLines(file, size, options.lines), decoder, options.write);
  });
  if (position === undefined && !options.isFollowing) {
    throw new EltError('no-log', `${name} has no log yet: ${path} does not exist.`, { hint: 'Start it: elt stack up' });
  }
  while (options.isFollowing && !options.signal.aborted) {
    await delay(followIntervalMs, undefined, { signal: options.signal }).catch(() => {});
    position = await reading(path, async (file) => {
      const { size } = await file.stat();
      // A shorter file is a new one: the old one was put aside at a start.
      return copy(file, size < (position ?? 0) ? 0 : (position ?? 0), decoder, options.write);
    });
  }
}

/** The service that a name from `elt stack status` means. */
function serviceNamed(name: string): ServiceName {
  if (name === 'spark-rest') return 'spark-master'; // One process.
  const names = services.map((service) => service.name);
  const found = names.find((one) => one === name);
  if (found !== undefined) return found;
  const nearest = closest(name, names);
  const guess = nearest === undefined ? '' : `, did you mean "${nearest}"?`;
  throw new EltError('usage', `Unknown service "${name}"${guess}`, { hint: `Services: ${names.join(', ')}` });
}

async function reading<T>(path: string, action: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return await action(file);
  } finally {
    await file.close();
  }
}

/** Copies from `position` to the end and returns the end. */
async function copy(
  file: FileHandle,
  position: number,
  decoder: StringDecoder,
  write: (text: string) => unknown,
): Promise<number> {
  const buffer = Buffer.alloc(chunkBytes);
  for (let at = position; ; ) {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, at);
    if (bytesRead === 0) return at;
    write(decoder.write(buffer.subarray(0, bytesRead)));
    at += bytesRead;
  }
}

/** Where the last `lines` lines begin, read backwards in pieces. */
async function startOfLastLines(file: FileHandle, size: number, lines: number): Promise<number> {
  if (lines === 0) return size;
  const buffer = Buffer.alloc(chunkBytes);
  let missing = lines;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunkBytes);
    await file.read(buffer, 0, end - start, start);
    for (let at = end - start - 1; at >= 0; at--) {
      // The newline that ends the file ends a line; every other one stands before a line.
      if (buffer[at] === 10 && start + at !== size - 1 && --missing <= 0) return start + at + 1;
    }
    end = start;
  }
  return 0;
}
