// Child processes for the scripts: inherited output, a time limit, and a clean end on Ctrl-C.
import { spawn } from 'node:child_process';

const children = new Set();
let interrupted = false;

/** Whether Ctrl-C or SIGTERM came: no further step should start. */
export const isInterrupted = () => interrupted;

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    interrupted = true;
    for (const child of children) killGroup(child, 'SIGTERM');
  });
}

/**
 * Runs a program to its end and returns its exit code (124 when the time limit ended it).
 * It gets a process group of its own, so that a time limit ends its children too.
 */
export function run(command, args, { env = process.env, cwd, timeoutMs, hideStdout = false } = {}) {
  return new Promise((resolve) => {
    const stdio = ['ignore', hideStdout ? 'ignore' : 'inherit', 'inherit'];
    const child = spawn(command, args, { env, cwd, stdio, detached: true });
    children.add(child);
    let timedOut = false;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            console.error(
              `${command} ${args.slice(0, 3).join(' ')} … did not end within ${timeoutMs / 1000} s: stopping it`,
            );
            killGroup(child, 'SIGTERM');
            setTimeout(() => killGroup(child, 'SIGKILL'), 10_000).unref();
          }, timeoutMs);
    const settle = (code) => {
      clearTimeout(timer);
      children.delete(child);
      resolve(timedOut ? 124 : code);
    };
    child.on('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      settle(127);
    });
    child.on('exit', (code, signal) => settle(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}
