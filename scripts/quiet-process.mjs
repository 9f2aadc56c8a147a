// Tools that talk too much: their output is shown only when they fail.
import { spawn } from 'node:child_process';

const heartbeatMs = 15_000;

/** Runs a program to its end; says now and then that it still runs. Throws with the end of its output when it fails. */
export function runQuietly(title, command, args, cwd, env = process.env) {
  return new Promise((resolve, reject) => {
    const startedAt = Date.now();
    const output = [];
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    const heartbeat = setInterval(
      () => console.log(`${title} … ${Math.round((Date.now() - startedAt) / 1000)} s`),
      heartbeatMs,
    );
    const settle = (act) => {
      clearInterval(heartbeat);
      act();
    };
    child.once('error', (error) =>
      settle(() => reject(new Error(`${command} could not be started: ${error.message}`))),
    );
    child.once('close', (code, signal) =>
      settle(() => {
        if (code === 0) return resolve();
        const end = Buffer.concat(output).toString().trimEnd().split('\n').slice(-40).join('\n');
        reject(new Error(`${title} ended with ${signal ?? `exit code ${code}`}.\n${end}`));
      }),
    );
  });
}
