// B4: TRANSFORM's rate against an identity copy of the same rows by Spark and Iceberg on the same cluster, in alternating pairs, and
// against a PySpark row UDF with num2words.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { fill, lineageCounts, openLine, program, ratioRow, steadyRate, storageEnvironment } from './line.mjs';

// So many that a cold executor's first seconds do not decide.
const records = 8_000_000;
/** Of the UDF, which is a hundred times slower. */
const udfRecords = 60_000;
const pairs = 3;

export async function benchTransform(work) {
  const name = `bench_transform_${Date.now().toString(36)}`;
  const line = await openLine(work, name);
  const measured = { ours: [], copies: [], udf: [] };
  const counts = { lost: 0, doubled: 0 };
  try {
    const payloads = join(work, 'integers.txt');
    writeFileSync(payloads, integers(200_000));
    console.error(`producing ${records} integers …`);
    await fill(line, records, { payloads });
    line.run('extract');
    const packages = await pythonPackages();
    // The copies come before the first TRANSFORM, which would make it.
    await line.trino.query('CREATE SCHEMA IF NOT EXISTS silver');
    for (let pair = 0; pair < pairs; pair += 1) {
      measured.copies.push(await identityCopy(line));
      const target = pair === 0 ? line : line.withTransform(`silver.${name}_${pair}`);
      measured.ours.push(transformRate(target));
      const { lost, doubled } = await lineageCounts(line, target.silver, records);
      counts.lost += lost;
      counts.doubled += doubled;
      if (pair === 0) measured.udf.push(await udfRate(line, packages));
    }
  } finally {
    await line.close();
  }
  const slow = measured.ours.map(() => measured.udf[0]);
  return [
    ratioRow('TRANSFORM ÷ identity copy', measured.ours, measured.copies, 'rows/s', counts),
    ratioRow('TRANSFORM ÷ PySpark row UDF (num2words)', measured.ours, slow, 'rows/s', counts),
  ];
}

/** Rows per second over all batches but the first, commits included. */
function transformRate(line) {
  const report = line.run('transform');
  const commits = line.events(report.runId).filter((event) => event.event === 'commit');
  return steadyRate(commits.map(({ at, rows, rejects }) => ({ at, rows: Number(rows) + Number(rejects) })));
}

/** Where Python finds num2words and PySpark, which the stack's Spark comes without; a user never needs them. */
async function pythonPackages() {
  const { cacheRoot } = await import(join(root, 'dist/stack/layout.js'));
  const { spark } = JSON.parse(readFileSync(join(root, 'infra/manifest.json'), 'utf8')).engines;
  const names = ['num2words==0.5.14', `pyspark==${spark.version}`];
  const folder = join(cacheRoot(process.env), 'bench', names.join('-'));
  if (existsSync(folder)) return folder;
  console.error(`installing ${names.join(' and ')} …`);
  const fresh = `${folder}.${process.pid}`;
  await program('python3', ['-m', 'pip', 'install', '--quiet', '--target', fresh, ...names]);
  renameSync(fresh, folder);
  return folder;
}

async function udfRate(line, packages) {
  const table = `${line.config.catalog.name}.silver.${line.name}_udf`;
  const args = [join(root, 'scripts/bench/row_udf.py'), `${line.config.catalog.name}.raw.${line.name}`, table];
  // The catalog's class is in the jar, which a Python program does not bring.
  const { applicationJar } = line.config.spark;
  const conf = { 'spark.executorEnv.PYTHONPATH': packages, 'spark.driver.extraClassPath': applicationJar };
  const [pass] = await sparkSubmit(line, conf, [...args, String(udfRecords)], { PYTHONPATH: packages });
  return pass.rowsPerSecond;
}

/** Integers of all lengths, the same for every run. */
function integers(count) {
  let state = 42n;
  const lines = [];
  for (let index = 0; index < count; index += 1) {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    lines.push(BigInt.asIntN(64, state) >> (state % 60n));
  }
  return `${lines.join('\n')}\n`;
}

/** Rows per second of a warm copy, with the settings that TRANSFORM's own submission has. */
async function identityCopy(line) {
  const catalog = line.config.catalog.name;
  const tables = [`${catalog}.raw.${line.name}`, `${catalog}.silver.${line.name}_copy`, '1'];
  const testClasses = join(root, 'spark-jobs/target/test-classes');
  const args = ['--class', 'elt.bench.IdentityCopy', line.config.spark.applicationJar, ...tables];
  const [pass] = await sparkSubmit(line, { 'spark.driver.extraClassPath': testClasses }, args);
  return pass.rowsPerSecond;
}

/** JSON lines of a program that runs in client mode on the stack's cluster; `conf` goes before the submission's own class path. */
async function sparkSubmit(line, conf, args, environment = {}) {
  const { properties } = line.run('transform', '--dry-run').submission;
  const ours = Object.entries(properties).filter(([name]) => !/^spark\.(app\.name|master|jars|submit\.)/.test(name));
  const merged = { ...Object.fromEntries(ours) };
  for (const [name, value] of Object.entries(conf)) {
    merged[name] = merged[name] === undefined ? value : `${value}:${merged[name]}`;
  }
  const flags = Object.entries(merged).flatMap(([name, value]) => ['--conf', `${name}=${value}`]);
  const { paths } = JSON.parse(readFileSync(join(line.config.stackDir, 'stack.json'), 'utf8'));
  const java = { JAVA_HOME: paths.javaHome, SPARK_LOCAL_IP: '127.0.0.1', AWS_REGION: line.config.s3.region };
  const env = { ...storageEnvironment(line), ...java, ...environment };
  const submit = join(line.config.spark.home, 'bin/spark-submit');
  const text = await program(submit, ['--master', line.config.spark.masters.join(','), ...flags, ...args], env);
  return text
    .split('\n')
    .filter((row) => row.startsWith('{'))
    .map((row) => JSON.parse(row));
}
