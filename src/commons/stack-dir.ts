import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the native stack keeps its state: `ELT_STACK_DIR`, by default `elt/stack` in the user's state folder (`XDG_STATE_HOME`). */
export function stackDirectory(env: Readonly<Record<string, string | undefined>>, cwd: string): string {
  const state = env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return resolve(cwd, env.ELT_STACK_DIR || join(state, 'elt', 'stack'));
}
