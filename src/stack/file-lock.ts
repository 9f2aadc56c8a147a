import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Runs `action` while holding an exclusive lock on `path`. The lock is flock(2)'s, held by a small child process that ends with
 * this one: no stale lock is ever left, whatever happens. `onWait` is called once if somebody else holds it.
 */
export async function withLock<T>(path: string, onWait: () => void, action: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  let release = await hold(path, true);
  if (release === undefined) {
    onWait();
    release = await hold(path, false);
  }
  if (release === undefined) throw new Error(`flock did not lock ${path}`);
  try {
    return await action();
  } finally {
    await release();
  }
}

/** Starts the holder; undefined when `onlyNow` and somebody else has the lock. */
function hold(path: string, onlyNow: boolean): Promise<(() => Promise<void>) | undefined> {
  const options = onlyNow ? ['--exclusive', '--nonblock', '--conflict-exit-code', '75'] : ['--exclusive'];
  // The holder leads a session of its own: Ctrl-C must not take the lock away from a command that is still cleaning up.
  const child = spawn('flock', [...options, path, '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const held = new Promise<true>((resolve) => child.stdout.once('data', () => resolve(true)));
  return Promise.race([held, ended]).then((outcome) => {
    if (outcome === true) {
      return async () => {
        child.stdin.end();
        await ended;
      };
    }
    if (outcome === 75 && onlyNow) return undefined;
    throw new Error(`flock ${path} ended with code ${outcome}`);
  });
}
