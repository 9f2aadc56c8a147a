// B6: run start → first commit, of elt run and of a stock job by `spark-submit --packages …` with a warm Ivy cache, in alternating pairs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { bringsRows, fill, openLine, program, ratioRow, rawCounts, storageEnvironment } from './line.mjs';

const pairs = 3;
const records = 1_000;
const packages = [
  'org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.11.0',
  'org.apache.iceberg:iceberg-aws-bundle:1.11.0',
  'org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.3',
];

export async function benchStartUp(work) {
  const stamp = Date.now().toString(36);
  const jar = await testJar(work);
  // Ivy finds what Maven has fetched: its own download of the same files is not what is measured. It takes another slf4j-api than Maven.
  for (const name of [...packages, 'org.slf4j:slf4j-api:2.0.7'])
    await program('mvn', ['-q', '-B', 'dependency:get', `-Dartifact=${name}`]);
  const ours = [];
  const stock = [];
  const counts = { lost: 0, doubled: 0 };
  for (let pair = -1; pair < pairs; pair += 1) {
    const line = await openLine(work, `bench_start_${pair + 1}_${stamp}`, { partitions: 1 });
    await fill(line, records, { recordBytes: 20 });
    const steps = [async () => [ours, eltRun(line)], async () => [stock, await stockJob(line, jar, join(work, 'ivy'))]];
    for (const step of pair % 2 === 0 ? steps : steps.reverse()) {
      const [list, ms] = await step();
      // The first pair fills the Ivy cache and the page cache.
      if (pair >= 0) list.push(ms);
    }
    const { lost, doubled } = await rawCounts(line, records);
    counts.lost += lost;
    counts.doubled += doubled;
    await line.trino.query(`DROP TABLE IF EXISTS raw.${line.name}_stock`);
    await line.close();
  }
  return [ratioRow('run start → first commit ÷ stock spark-submit', ours, stock, 'ms', counts)];
}

function eltRun(line) {
  const startedAt = Date.now();
  const { runId } = line.run('extract');
  const commit = line.events(runId).find(bringsRows);
  return Date.parse(commit.at) - startedAt;
}

/** The usual way: client mode, packages by name, Iceberg's own Hive catalog, one DataFrame from Kafka into the table. */
async function stockJob(line, jar, ivy) {
  mkdirSync(ivy, { recursive: true });
  const { properties } = line.run('extract', '--dry-run').submission;
  const own = /^spark\.(sql|cores\.max|executor\.(cores|memory)|driver\.(memory|host|bindAddress))/;
  const shared = Object.entries(properties).filter(([name]) => own.test(name) && !name.endsWith('.catalog-impl'));
  const catalog = [`spark.sql.catalog.${line.config.catalog.name}.type`, 'hive'];
  const conf = [...shared, catalog, ['spark.jars.ivy', ivy]].flatMap(([name, value]) => ['--conf', `${name}=${value}`]);
  const table = `${line.config.catalog.name}.raw.${line.name}_stock`;
  const args = ['--master', line.config.spark.masters.join(','), '--packages', packages.join(',')]
    .concat(['--class', 'elt.bench.StockExtract', ...conf, jar])
    .concat([line.config.kafka.bootstrapServers, line.topic, table]);
  const startedAt = Date.now();
  const text = await program(join(line.config.spark.home, 'bin/spark-submit'), args, sparkEnvironment(line));
  const { committedAt } = JSON.parse(text.split('\n').find((row) => row.startsWith('{"committedAt"')));
  return committedAt - startedAt;
}

function sparkEnvironment(line) {
  return { ...storageEnvironment(line), AWS_REGION: line.config.s3.region, SPARK_LOCAL_IP: '127.0.0.1' };
}

async function testJar(work) {
  const jar = join(work, 'stock.jar');
  writeFileSync(join(work, 'manifest.txt'), 'Manifest-Version: 1.0\n');
  const classes = join(root, 'spark-jobs/target/test-classes');
  await program('jar', ['cfm', jar, join(work, 'manifest.txt'), '-C', classes, 'elt/bench/StockExtract.class']);
  return jar;
}
