import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { EltError } from '../commons/errors.js';
import { lastLines } from './run-tool.js';
import type { Service, StackFacts } from './service.js';
import { logFile, runningService } from './service-processes.js';

const attemptTimeoutMs = 10_000;

/** Asks a service until it answers. It fails when its process has ended, when time is up, or when `signal` aborts. */
export async function waitUntilReady(service: Service, stack: StackFacts, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + service.readyTimeoutMs;
  for (let pauseMs = 50; ; pauseMs = Math.min(250, pauseMs * 1.5)) {
    signal.throwIfAborted();
    const isAlive = runningService(stack.layout, service.name) !== undefined;
    const reason = await notReadyReason(service, stack, attemptTimeoutMs);
    if (!isAlive) throw failed(service, stack, 'ended while starting');
    if (reason === undefined) return;
    if (Date.now() > deadline) {
      throw failed(service, stack, `was not ready after ${service.readyTimeoutMs / 1000} s: ${reason}`);
    }
    await delay(pauseMs, undefined, { signal });
  }
}

/** Why the service does not answer now; undefined when it does. */
export async function notReadyReason(
  service: Service,
  stack: StackFacts,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    await service.probe(stack, AbortSignal.timeout(timeoutMs));
    return undefined;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function failed(service: Service, stack: StackFacts, what: string): EltError {
  const log = logFile(stack.layout, service.name);
  return new EltError('service-failed', `${service.name} ${what}. The end of ${log}:\n${tail(log)}`, {
    kind: 'external',
    hint: `elt stack logs ${service.name}; elt stack up starts what is missing.`,
  });
}

function tail(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const buffer = Buffer.alloc(Math.min(size, 16_384));
      readSync(file, buffer, 0, buffer.length, size - buffer.length);
      return lastLines(buffer.toString('utf8'), 12);
    } finally {
      closeSync(file);
    }
  } catch {
    return '(no log)';
  }
}
