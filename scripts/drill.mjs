// npm run drill: the long forms of what npm test does in short, on a private stack of real engines, and what no test does. Hours, not minutes.
// Leaves no process behind and ends with one line for each part.
//   npm run drill                     everything
//   npm run drill -- faults week      only these parts (drill, frozen, faults, runs, week, image)
//   ELT_TEST_DRILL_ROUNDS=10 ELT_SEED=42 npm run drill
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageByHand } from './image-by-hand.mjs';
import { withPrivateStack } from './private-stack.mjs';
import { isInterrupted, run } from './processes.mjs';
import { root, setUp } from './setup.mjs';

const rounds = process.env.ELT_TEST_DRILL_ROUNDS ?? '5';
const seed = process.env.ELT_SEED === undefined ? [] : ['--seed', process.env.ELT_SEED];
const parts = {
  // Every fault, several times.
  drill: (env) => elt(env, ['drill', '--yes', '--rounds', rounds, ...seed]),
  // A driver frozen, replaced and woken up, twenty times.
  frozen: (env) => elt(env, ['drill', '--yes', '--faults', 'driver-frozen', '--rounds', '20', ...seed]),
  // Outages of a minute behind proxies.
  faults: (env) => jest(env, 'stack', { ELT_TEST_LONG_FAULTS: '1' }, 'tests/stack/faults'),
  // Ten thousand runs against a Spark master that forgets, lies and restarts.
  runs: (env) => jest(env, 'unit', { ELT_MANY_RUNS: process.env.ELT_MANY_RUNS ?? '10000' }, 'many-runs'),
  // A week of snapshots under maintenance.
  week: (env) => surefire(env, { ELT_WEEK: '1' }, 'MaintainedWeekTest'),
  // The Dockerfile's lines, by hand.
  image: () => imageByHand(),
};
const unknown = process.argv.slice(2).filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}: expected ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);

const work = mkdtempSync(join(tmpdir(), 'elt-drill-'));
await setUp();
// It needs no engines.
const isAlone = chosen.every((name) => name === 'image');
const codes = isAlone ? await inTurn(process.env) : await withPrivateStack(join(work, 'stack'), inTurn);
rmSync(work, { recursive: true, force: true });
console.log('');
for (const { name, code } of codes ?? [])
  console.log(`${name}: ${code === 0 ? 'passed' : `failed (exit code ${code})`}`);
process.exitCode = codes?.length === chosen.length && codes.every(({ code }) => code === 0) ? 0 : 1;

async function inTurn(env) {
  const found = [];
  for (const name of chosen) {
    if (isInterrupted()) break;
    console.log(`\n== ${name}`);
    found.push({ name, code: await parts[name](env) });
  }
  return found;
}

function elt(env, args) {
  return run(process.execPath, [join(root, 'dist/bin/elt.js'), ...args], { env });
}

function jest(env, project, variables, pattern) {
  const program = join(root, 'node_modules/jest/bin/jest.js');
  const args = ['--selectProjects', project, '--runInBand', '--testPathPatterns', pattern];
  return run(process.execPath, ['--experimental-vm-modules', '--no-warnings', program, ...args], {
    env: { ...env, ...variables },
  });
}

function surefire(env, variables, test) {
  const args = ['-B', '-q', '-f', join(root, 'spark-jobs/pom.xml'), `-Dtest=${test}`, 'surefire:test'];
  return run('mvn', args, { env: { ...env, ...variables } });
}
