import { accessSync, constants, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { EltError } from '../commons/errors.js';
import type { Environment } from './layout.js';
import type { Manifest } from './manifest.js';

/** Programs of the operating system that the stack runs. */
export interface SystemTools {
  /** Home of Java 17. */
  readonly javaHome: string;
  readonly mariadbd: string;
  /** Redis's server program; start it with `redis-server` as its own name (argv[0]). */
  readonly redisServer: string;
}

type ToolName = 'java' | 'mvn' | 'python3' | 'mariadbd' | 'redis-server';

/** Folders with system programs that a user's PATH may lack. */
const systemFolders = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** The path of a program, looked for in PATH and the system's own folders. */
export function findProgram(name: string, environment: Environment): string | undefined {
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders, ...systemFolders].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Finds what the engines need. All that is missing is reported in one error, each with its fix. `isPreparing`: engines still
 * have to be downloaded, which needs Maven and Python.
 */
export function findTools(manifest: Manifest, environment: Environment, isPreparing: boolean): SystemTools {
  const javaHome = findJava17(environment);
  const mariadbd = findProgram('mariadbd', environment);
  const redisServer = findRedis(environment);
  const missing: ToolName[] = [];
  if (javaHome === undefined || (isPreparing && !isExecutable(join(javaHome, 'bin', 'javac')))) missing.push('java');
  if (isPreparing && findProgram('mvn', environment) === undefined) missing.push('mvn');
  if (isPreparing && findProgram('python3', environment) === undefined) missing.push('python3');
  if (mariadbd === undefined) missing.push('mariadbd');
  if (redisServer === undefined) missing.push('redis-server');
  if (javaHome === undefined || mariadbd === undefined || redisServer === undefined || missing.length > 0) {
    throw missingTools(manifest, missing);
  }
  return { javaHome, mariadbd, redisServer };
}

function missingTools(manifest: Manifest, missing: readonly ToolName[]): EltError {
  const tools = missing.map((name) => ({ name, ...manifest.tools[name] }));
  const named = tools.map(({ name, minimum }) => (minimum === undefined ? name : `${name} ${minimum} (a JDK)`));
  const packages = tools.flatMap((tool) => tool.apt ?? []).join(' ');
  return new EltError('missing-tool', `The native stack needs ${named.join(', ')}: not found in PATH.`, {
    hint: `node scripts/setup.mjs   or   sudo apt-get install --no-install-recommends ${packages}`,
  });
}

/** Debian's redis-tools brings the server's program under another name, without a system service that would take its port. */
export function findRedis(environment: Environment): string | undefined {
  return findProgram('redis-server', environment) ?? findProgram('redis-check-rdb', environment);
}

/** Spark 3.5 and Hive 3.1 run on exactly this version. */
function findJava17(environment: Environment): string | undefined {
  const inPath = findProgram('java', environment);
  const candidates = [environment.JAVA_HOME, inPath && dirname(dirname(realpathSync(inPath))), ...installedJavas()];
  return candidates.find((home): home is string => !!home && isJava17(home));
}

function installedJavas(): string[] {
  const folder = '/usr/lib/jvm';
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function isJava17(home: string): boolean {
  try {
    return /^JAVA_VERSION="17[."]/m.test(readFileSync(join(home, 'release'), 'utf8'));
  } catch {
    return false;
  }
}
