import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stackDirectory } from '../commons/stack-dir.js';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where one native stack keeps its things. Everything is inside `root`, except what downloads gave. */
export interface StackLayout {
  readonly root: string;
  readonly data: string;
  readonly logs: string;
  readonly conf: string;
  /** One file per running service. */
  readonly run: string;
  readonly stateFile: string;
  readonly settingsFile: string;
  /** Generated passwords and keys, mode 0600. */
  readonly secretsFile: string;
  readonly lockFile: string;
}

/** The folder that holds `infra/`, `dist/` and `package.json`. */
export const packageRoot = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** The layout of the stack folder that the environment names. */
export function stackLayout(environment: Environment, cwd = process.cwd()): StackLayout {
  const root = stackDirectory(environment, cwd);
  return {
    root,
    data: join(root, 'data'),
    logs: join(root, 'logs'),
    conf: join(root, 'conf'),
    run: join(root, 'run'),
    stateFile: join(root, 'stack.json'),
    settingsFile: join(root, 'settings.json'),
    secretsFile: join(root, 'secrets.json'),
    lockFile: join(root, 'lock'),
  };
}

/** The cache of downloads and unpacked engines, shared by all stacks of a user. */
export function cacheRoot(environment: Environment): string {
  return join(resolve(environment.XDG_CACHE_HOME || join(homedir(), '.cache')), 'elt');
}
