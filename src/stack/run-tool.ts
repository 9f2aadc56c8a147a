import { spawn } from 'node:child_process';
import { EltError } from '../commons/errors.js';

export interface ToolOptions {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Called with each line of output, both streams. */
  readonly onLine?: (line: string) => void;
}

/** Runs a tool to its end and returns its output (both streams). A missing tool or another exit code than 0 throws. */
export function runTool(file: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.environment ?? process.env,
    signal: options.signal,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let rest = '';
  const take = (chunk: Buffer) => {
    output += chunk;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) options.onLine?.(line);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  child.stdin.on('error', () => {}); // The tool ended without reading everything: its exit code tells.
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(toolError(file, `could not be started: ${cause.message}`, cause)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(toolError(file, `ended with ${signal ?? `code ${code}`}\n${lastLines(output, 15)}`));
    });
  });
}

/** The last `count` lines that are not empty. */
export function lastLines(text: string, count: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).join('\n');
}

function toolError(file: string, what: string, cause?: unknown): EltError {
  return new EltError('tool-failed', `${file} ${what}`, { kind: 'external', cause });
}
