import { createInterface } from 'node:readline/promises';
import type { CliContext } from './context.js';

/** Asks yes or no on the terminal; without one the answer is no. */
export async function confirm({ stdin, output, signal }: CliContext, question: string): Promise<boolean> {
  if (stdin.isTTY !== true || !output.isInteractive) return false;
  const terminal = createInterface({ input: stdin, output: output.stderr as NodeJS.WriteStream });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim());
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}
