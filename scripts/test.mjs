// npm test: set-up, static checks, unit tests, Java tests, then the whole line on a private stack of real engines.
// Leaves no process behind and ends with the line "N passed, N failed".
//   npm test                 everything
//   npm test -- unit java    only these phases (check, unit, java, stack)
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withPrivateStack } from './private-stack.mjs';
import { isInterrupted, run } from './processes.mjs';
import { root, setUp } from './setup.mjs';
import { jestCounts, surefireCounts } from './test-counts.mjs';

const minute = 60_000;
/** Stack tests that kill or stop engines, count what is on them, or watch the clock. */
const aloneFolder = 'tests/stack/alone/';
const phases = { check, unit, java, stack };
const wanted = process.argv.slice(2).filter((argument) => argument in phases);
const chosen = wanted.length > 0 ? wanted : Object.keys(phases);

const work = mkdtempSync(join(tmpdir(), 'elt-test-'));
let totals = { passed: 0, failed: 0, skipped: 0 };

await setUp({ isForTests: true });
for (const name of chosen) {
  if (isInterrupted()) break;
  const startedAt = Date.now();
  console.log(`\n== ${name}`);
  const counts = await phases[name]();
  totals = sum([totals, counts]);
  console.log(`== ${name}: ${summary(counts)} (${Math.round((Date.now() - startedAt) / 1000)} s)`);
}
if (isInterrupted()) totals.failed += 1;
rmSync(work, { recursive: true, force: true });
console.log(`\n${summary(totals)}`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function sum(all) {
  const of = (key) => all.reduce((total, counts) => total + counts[key], 0);
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
}

/** Types, lint, format, import directions: one test each. */
async function check() {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const tool of [
    ['tsc', '--noEmit'],
    ['biome', 'check', '.'],
    ['depcruise', '--config', '.dependency-cruiser.cjs', 'src'],
  ]) {
    const code = await run(join(root, 'node_modules/.bin', tool[0]), tool.slice(1), { timeoutMs: 3 * minute });
    counts[code === 0 ? 'passed' : 'failed'] += 1;
  }
  return counts;
}

async function unit() {
  // Many of them wait for a clock or a process.
  return await jest('unit', ['--maxWorkers=3'], process.env, 12 * minute);
}

/** The whole line: a stack of its own, on free ports, purged at the end whatever happens. */
async function stack() {
  const stackDir = join(work, 'stack');
  const counts = await withPrivateStack(stackDir, async (env) => {
    const java = await surefire(['-Pstack'], { ...env, ...addresses(stackDir) }, 10 * minute);
    const together = await jest('stack', ['--maxWorkers=2', '--testPathIgnorePatterns', aloneFolder], env, 40 * minute);
    const alone = await jest('stack', ['--runInBand', '--testPathPatterns', aloneFolder], env, 40 * minute);
    return sum([java, together, alone]);
  });
  return counts ?? { passed: 0, failed: 1, skipped: 0 };
}

/** Where the stack is and its keys, for the Java tests that use it: they read nothing but their environment. */
function addresses(stackDir) {
  const { config, paths } = JSON.parse(readFileSync(join(stackDir, 'stack.json'), 'utf8'));
  const secrets = JSON.parse(readFileSync(paths.secrets, 'utf8'));
  return {
    ELT_KAFKA_BOOTSTRAP_SERVERS: config.kafka.bootstrapServers,
    ELT_METASTORE_URI: config.catalog.metastore,
    ELT_WAREHOUSE: config.catalog.warehouse,
    ELT_S3_ENDPOINT: config.s3.endpoint,
    ELT_S3_REGION: config.s3.region,
    AWS_ACCESS_KEY_ID: secrets.s3AccessKey,
    AWS_SECRET_ACCESS_KEY: secrets.s3SecretKey,
    ELT_SPARK_JARS: join(config.spark.home, 'jars'),
    ELT_SPARK_LIBS: dirname(config.spark.classPath[0]),
  };
}

async function java() {
  return await surefire([], process.env, 10 * minute);
}

async function jest(project, args, env, timeoutMs) {
  const report = join(work, `${project}.json`);
  rmSync(report, { force: true });
  const code = await run(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      join(root, 'node_modules/jest/bin/jest.js'),
      '--selectProjects',
      project,
    ]
      .concat(args)
      .concat(['--json', `--outputFile=${report}`, '--forceExit=false']),
    { env, timeoutMs, hideStdout: true },
  );
  return jestCounts(report, code);
}

async function surefire(args, env, timeoutMs) {
  const reports = join(root, 'spark-jobs/target/surefire-reports');
  rmSync(reports, { recursive: true, force: true });
  const goals = ['-B', '-q', '-f', join(root, 'spark-jobs/pom.xml'), ...args, 'surefire:test'];
  const code = await run('mvn', goals, { env, timeoutMs });
  return surefireCounts(reports, code);
}
