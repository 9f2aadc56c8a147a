// Records which classes Spark's drivers and executors load, for the archive that src/stack/shared-classes.ts makes.
// Run it after the version of Spark, Iceberg or Java in infra/manifest.json changes, with the native stack up:
//   npm run build && npm run build:jar && npx elt stack up && node scripts/record-classes.mjs
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run } from './processes.mjs';
import { root } from './setup.mjs';

const target = join(root, 'infra', 'spark', 'loaded-classes.txt.gz');
/** Our own jar is not on Spark's class path, generated classes differ each time, and the JVM refuses its own events. */
const unwanted = /elt\/|GeneratedClass|\$\$Lambda|jdk\/internal\/event/;

const folder = mkdtempSync(join(tmpdir(), 'elt-classes-'));
const topic = `classes_${Date.now().toString(36)}`;
const env = { ...process.env, ELT_REDIS_PREFIX: topic };
const option = (who) => `-XX:DumpLoadedClassList=${join(folder, `%p-${who}.lst`)}`;
copyFileSync(join(root, 'pipelines/numbers.sql'), join(folder, 'numbers.sql'));
writeFileSync(
  join(folder, 'elt.yaml'),
  JSON.stringify({
    spark: {
      properties: {
        'spark.driver.extraJavaOptions': option('driver'),
        'spark.executor.extraJavaOptions': option('executor'),
      },
    },
    pipelines: {
      [topic]: {
        extract: { topic, table: `raw.${topic}`, mode: 'drain' },
        transform: { table: `silver.${topic}`, sql: 'numbers.sql', mode: 'drain' },
      },
    },
  }),
);
try {
  await must(join(root, 'generate_number.sh'), ['10000', '--topic', topic, '--partitions', '3']);
  for (const stage of ['extract', 'transform']) {
    await must(process.execPath, [join(root, 'dist/bin/elt.js'), 'run', stage]);
  }
  const lists = readdirSync(folder).filter((name) => name.endsWith('.lst'));
  const lines = lists.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  const classes = [...new Set(lines)].filter((line) => line !== '' && !line.startsWith('#') && !unwanted.test(line));
  writeFileSync(target, gzipSync(`${classes.sort().join('\n')}\n`, { level: 9 }));
  console.log(`${classes.length} lines from ${lists.length} JVMs in infra/spark/loaded-classes.txt.gz`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function must(file, args) {
  const code = await run(file, args, { env, cwd: folder, timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`);
}
