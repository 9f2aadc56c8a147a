// One set-up per folder at a time.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Waits for the lock on `path` and returns what gives it back. A child process holds it by flock(1) and ends with this one, so
 * that no stale lock is left. Where there is no flock (not Linux), nothing is locked.
 */
export async function lock(path, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  const waiting = setTimeout(onWait, 300);
  try {
    return await hold(path);
  } finally {
    clearTimeout(waiting);
  }
}

function hold(path) {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', [path, '-c', 'echo held; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    child.once('error', () => resolve(() => {}));
    const ended = new Promise((gone) => child.once('close', gone));
    child.stdout.once('data', () =>
      resolve(async () => {
        child.stdin.end();
        await ended;
      }),
    );
    ended.then((code) => reject(new Error(`flock ${path} ended with exit code ${code}`)));
  });
}
