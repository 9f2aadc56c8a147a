// Programs of the operating system that the build and the native stack need; Debian's are installed when they are missing.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runQuietly } from './quiet-process.mjs';

const isThere = {
  java: () => findJdk17() !== undefined,
  mvn: () => hasProgram('mvn'),
  python3: () => spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0,
  mariadbd: () => hasProgram('mariadbd'),
  chromium: () => hasProgram('chromium'),
  // Debian's redis-tools brings the server's program under another name, without a system service that would take its port.
  'redis-server': () => hasProgram('redis-server') || hasProgram('redis-check-rdb'),
};

/** Installs what is missing, or throws with one line that says what and how. Returns where Java 17 is. `isForTests`: what tests need, too. */
export async function installSystemTools(root, isForTests) {
  const manifest = JSON.parse(readFileSync(join(root, 'infra/manifest.json'), 'utf8'));
  const tools = { ...manifest.tools, ...(isForTests ? manifest.testTools : {}) };
  const missing = Object.keys(tools).filter((name) => !isThere[name]());
  if (missing.length > 0) await install(root, tools, missing);
  return { javaHome: findJdk17() };
}

async function install(root, tools, missing) {
  const packages = missing.flatMap((name) => tools[name].apt);
  const named = missing.map((name) => (name === 'java' ? 'a JDK 17' : name)).join(', ');
  const installation = ['install', '--yes', '--no-install-recommends', ...packages];
  const prefix = administrator();
  if (!hasProgram('apt-get') || prefix === undefined) {
    throw new Error(`missing: ${named}. On Debian: sudo apt-get ${installation.join(' ')}`);
  }
  console.log(`Missing: ${named}. Installing ${packages.join(' ')}`);
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, 'apt-get', ...args];
    return runQuietly(`apt-get ${args[0]}`, command, rest, root, { ...process.env, DEBIAN_FRONTEND: 'noninteractive' });
  };
  // Package lists may be absent or old: read them anew only when the installation fails without.
  await apt(...installation).catch(async () => {
    await apt('update');
    await apt(...installation);
  });
  const still = missing.filter((name) => !isThere[name]());
  if (still.length > 0) throw new Error(`still missing after apt-get ${installation.join(' ')}: ${still.join(', ')}`);
}

/** What makes a command run as the administrator; undefined when that would take a password. */
function administrator() {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync('sudo', ['--non-interactive', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '--non-interactive', '--preserve-env=DEBIAN_FRONTEND'] : undefined;
}

function programFolders() {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'].filter(Boolean);
}

function hasProgram(name) {
  return programFolders().some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Spark 3.5 and Hive 3.1 run on Java 17; Maven and the metastore's preparation need its compiler. */
function findJdk17() {
  const inPath = programFolders()
    .map((folder) => join(folder, 'java'))
    .find(isExecutable);
  const installed = existsSync('/usr/lib/jvm')
    ? readdirSync('/usr/lib/jvm').map((name) => join('/usr/lib/jvm', name))
    : [];
  const homes = [process.env.JAVA_HOME, inPath && dirname(dirname(realpathSync(inPath))), ...installed];
  return homes.find((home) => home && isExecutable(join(home, 'bin/javac')) && isVersion17(home));
}

function isVersion17(home) {
  const release = join(home, 'release');
  return existsSync(release) && /^JAVA_VERSION="17[."]/m.test(readFileSync(release, 'utf8'));
}
