// Everything between a fresh clone and a build that runs, with Node's own modules only: it works before npm ci.
//   node scripts/setup.mjs       system tools, npm packages, TypeScript build, Spark jobs
// A step whose inputs have not changed since it last succeeded is skipped.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashOf } from './input-hash.mjs';
import { runQuietly } from './quiet-process.mjs';
import { lock } from './setup-lock.mjs';
import { installSystemTools } from './system-tools.mjs';

/** The folder of package.json. */
export const root = resolve(fileURLToPath(new URL('..', import.meta.url)));

const stampFile = join(root, '.elt/setup.json');

/** Brings the clone up to date. Ends the process with one clear message when it cannot. `isForTests`: with the programs that only tests need. */
export async function setUp({ isForTests = false } = {}) {
  try {
    checkNode();
    const { javaHome } = await installSystemTools(root, isForTests);
    const unlock = await lock(join(root, '.elt/setup.lock'), () =>
      console.log('Another set-up runs in this folder: waiting for it'),
    );
    try {
      await Promise.all([npmPackages().then(typeScript), sparkJobs(javaHome)]);
    } finally {
      await unlock();
    }
  } catch (error) {
    console.error(`\nSet-up failed: ${error.message}`);
    process.exit(1);
  }
}

function checkNode() {
  const needed = /(\d+)\.(\d+)/.exec(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > Number(needed[1]) || (major === Number(needed[1]) && minor >= Number(needed[2]))) return;
  throw new Error(`Node ${needed[0]} or newer is needed, this is ${process.versions.node} (${process.execPath}).`);
}

async function npmPackages() {
  const inputs = ['package.json', 'package-lock.json', '.npmrc'];
  await step('npm packages', inputs, process.versions.modules, 'node_modules/.package-lock.json', () =>
    runQuietly('npm ci', 'npm', ['ci', '--no-audit', '--no-fund'], root),
  );
}

async function typeScript() {
  await step(
    'TypeScript build',
    ['src', 'scripts/build.mjs', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    '',
    'dist/bin/elt.js',
    async () => {
      // Built beside and then put in its place: a worker that runs from dist must not find it half empty.
      const fresh = 'dist.new';
      rmSync(join(root, fresh), { recursive: true, force: true });
      await runQuietly('npm run build', 'npm', ['run', '--silent', 'build', '--', '--outDir', fresh], root);
      rmSync(join(root, 'dist.old'), { recursive: true, force: true });
      if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), join(root, 'dist.old'));
      renameSync(join(root, fresh), join(root, 'dist'));
      rmSync(join(root, 'dist.old'), { recursive: true, force: true });
    },
  );
  // npx keeps its link to the program and makes it executable once only: a new build would be "Permission denied".
  chmodSync(join(root, 'dist/bin/elt.js'), 0o755);
}

async function sparkJobs(javaHome) {
  await step('Spark jobs', ['spark-jobs/pom.xml', 'spark-jobs/src'], '', 'spark-jobs/target/elt-spark-jobs.jar', () =>
    runQuietly('mvn package', 'mvn', ['-B', '-q', '-f', 'spark-jobs/pom.xml', '-DskipTests', 'package'], root, {
      ...process.env,
      JAVA_HOME: javaHome,
    }),
  );
}

/** Runs `action` unless `output` is there and the inputs are those of its last success. */
async function step(title, inputs, version, output, action) {
  const hash = hashOf(root, inputs, version);
  if (readStamps()[title] === hash && existsSync(join(root, output))) {
    console.log(`${title}: up to date`);
    return;
  }
  const startedAt = Date.now();
  await action();
  if (!existsSync(join(root, output))) throw new Error(`${title}: ${output} was not made.`);
  mkdirSync(join(root, '.elt'), { recursive: true });
  writeFileSync(stampFile, `${JSON.stringify({ ...readStamps(), [title]: hash }, null, 2)}\n`);
  console.log(`${title}: done in ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
}

function readStamps() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setUp();
