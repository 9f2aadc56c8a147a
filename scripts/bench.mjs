// npm run bench [-- B1 B4 B5 …]: ratios measured side by side in one run on the native stack; prints a table and writes JSON.
// Without names: all but B2.
// A result counts only when the count check shows 0 lost and 0 doubled. No thresholds: the machine is whatever it is.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchConnectSink } from './bench/connect-sink.mjs';
import { benchExtract } from './bench/extract.mjs';
import { benchGrowth } from './bench/growth.mjs';
import { benchLatency } from './bench/latency.mjs';
import { benchOverhead } from './bench/overhead.mjs';
import { benchStartUp } from './bench/start-up.mjs';
import { benchTransform } from './bench/transform.mjs';
import { benchVerification } from './bench/verification.mjs';
import { root, setUp } from './setup.mjs';

const benches = {
  B1: benchExtract,
  B2: benchConnectSink,
  B3: benchLatency,
  B4: benchTransform,
  B5: benchOverhead,
  B6: benchStartUp,
  B7: benchGrowth,
  B8: benchVerification,
};
/** Another product's worker and its downloads: what the others need of half an hour would not be left. */
const byNameOnly = ['B2'];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}: expected ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

await setUp();
const elt = join(root, 'dist/bin/elt.js');
if (spawnSync(process.execPath, [elt, 'stack', 'up'], { stdio: 'inherit' }).status !== 0) process.exit(5);

const work = mkdtempSync(join(tmpdir(), 'elt-bench-'));
const loadBefore = loadavg()[0];
const results = [];
const failed = [];
const minutes = {};
const versions = versionsOf();
for (const name of wanted.length > 0 ? wanted : Object.keys(benches).filter((one) => !byNameOnly.includes(one))) {
  console.error(`\n== ${name}`);
  const startedAt = performance.now();
  try {
    results.push(...(await benches[name](work)).map((result) => ({ bench: name, ...result })));
  } catch (error) {
    // The others' minutes are not lost with it.
    failed.push(name);
    console.error(error);
  }
  minutes[name] = Number(((performance.now() - startedAt) / 60_000).toFixed(1));
  // After each bench: whoever interrupts the next one keeps this one's minutes, too.
  writeReport();
}
rmSync(work, { recursive: true, force: true });
print(results);
console.log(
  `\n${Object.entries(versions)
    .map((pair) => pair.join(' '))
    .join(', ')}`,
);
console.log(
  `${cpus().length} cores, load ${loadBefore.toFixed(1)} before, steal ${stealPercent()} %. Details: .elt/bench.json`,
);
const taken = Object.entries(minutes).map((pair) => pair.join(' '));
console.log(`Minutes: ${taken.join(', ')}.`);
if (failed.length > 0) console.log(`Failed, see above: ${failed.join(', ')}`);
const isExact = results.every((result) => result.lost === 0 && result.doubled === 0);
process.exitCode = isExact && failed.length === 0 ? 0 : 1;

function writeReport() {
  const machine = { cores: cpus().length, model: cpus()[0]?.model, node: process.version, loadBefore };
  const report = {
    at: new Date().toISOString(),
    machine: { ...machine, stealPercent: stealPercent() },
    versions,
    minutes,
    failed,
    results,
  };
  mkdirSync(join(root, '.elt'), { recursive: true });
  writeFileSync(join(root, '.elt/bench.json'), `${JSON.stringify(report, null, 2)}\n`);
}

function print(rows) {
  const cells = [['bench', 'ratio', 'median', 'min', 'max', 'ours', 'yardstick', 'lost', 'doubled']].concat(
    rows.map((row) => [
      row.bench,
      row.what,
      ...[row.median, row.min, row.max].map((ratio) => ratio.toFixed(2)),
      row.ours,
      row.yardstick,
      String(row.lost),
      String(row.doubled),
    ]),
  );
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

function versionsOf() {
  const { engines } = JSON.parse(readFileSync(join(root, 'infra/manifest.json'), 'utf8'));
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const of = (names) => names.map((name) => [name, engines[name].version]);
  return {
    ...Object.fromEntries(of(['spark', 'spark-libs', 'kafka', 'trino', 'metastore', 'seaweedfs', 'mariadb', 'redis'])),
    bullmq: dependencies.bullmq,
    node: process.version,
  };
}

/** Time that the hypervisor took from this machine since it started, in percent. */
function stealPercent() {
  const ticks = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1, 9).map(Number);
  return Number(((100 * ticks[7]) / ticks.reduce((sum, tick) => sum + tick, 0)).toFixed(1));
}
