// B4: TRANSFORM's rate against an identity copy of the same rows by Spark and Iceberg on the same cluster.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { fill, lineageCounts, openLine, program, ratioRow } from './line.mjs';

const records = 2_000_000;

export async function benchTransform(work) {
  const line = await openLine(work, `bench_transform_${Date.now().toString(36)}`, {
    transform: { maxRowsPerCommit: 500_000 },
  });
  try {
    const payloads = join(work, 'integers.txt');
    writeFileSync(payloads, integers(200_000));
    console.error(`producing ${records} integers …`);
    await fill(line, records, { payloads });
    line.run('extract');
    const copies = await identityCopy(line);
    const report = line.run('transform');
    const commits = line.events(report.runId).filter((event) => event.event === 'commit');
    const rows = commits.slice(1).reduce((sum, commit) => sum + Number(commit.rows) + Number(commit.rejects), 0);
    const rate = rows / ((Date.parse(commits.at(-1).at) - Date.parse(commits[0].at)) / 1000);
    const counts = await lineageCounts(line, `silver.${line.name}`, records);
    return [
      ratioRow(
        'TRANSFORM ÷ identity copy',
        copies.map(() => rate),
        copies,
        'rows/s',
        counts,
      ),
    ];
  } finally {
    await line.close();
  }
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

/** Rows per second of two copies, on the running cluster in client mode with the settings that TRANSFORM's own submission has. */
async function identityCopy(line) {
  const { properties } = line.run('transform', '--dry-run').submission;
  const testClasses = join(root, 'spark-jobs/target/test-classes');
  const conf = Object.entries(properties)
    .filter(([name]) => !/^spark\.(app\.name|master|jars|submit\.)/.test(name))
    .flatMap(([name, value]) => [
      '--conf',
      `${name}=${name === 'spark.driver.extraClassPath' ? `${testClasses}:${value}` : value}`,
    ]);
  const { paths } = JSON.parse(readFileSync(join(line.config.stackDir, 'stack.json'), 'utf8'));
  const secrets = JSON.parse(readFileSync(paths.secrets, 'utf8'));
  const env = { ...process.env, ...sparkEnvironment(secrets), JAVA_HOME: paths.javaHome, SPARK_LOCAL_IP: '127.0.0.1' };
  const args = ['--master', line.config.spark.masters.join(','), '--class', 'elt.bench.IdentityCopy', ...conf];
  const catalog = line.config.catalog.name;
  const tables = [`${catalog}.raw.${line.name}`, `${catalog}.silver.${line.name}_copy`, '2'];
  const text = await program(
    join(line.config.spark.home, 'bin/spark-submit'),
    [...args, line.config.spark.applicationJar, ...tables],
    env,
  );
  return text
    .split('\n')
    .filter((row) => row.startsWith('{'))
    .map((row) => JSON.parse(row).rowsPerSecond);
}

function sparkEnvironment(secrets) {
  return {
    AWS_ACCESS_KEY_ID: secrets.s3AccessKey,
    AWS_SECRET_ACCESS_KEY: secrets.s3SecretKey,
    AWS_REGION: 'us-east-1',
  };
}
