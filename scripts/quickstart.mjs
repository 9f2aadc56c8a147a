// npm run quickstart: from a fresh clone to ten checked SILVER rows, on real engines, without Docker.
// Works before npm ci. A second run reads what is new, and downloads and builds nothing.
//   npm run quickstart -- [COUNT] [--port-offset N]
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isInterrupted, run } from './processes.mjs';
import { root, setUp } from './setup.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { 'port-offset': { type: 'string' } } });
const numbers = positionals[0] ?? '1000';
const offset = values['port-offset'] === undefined ? [] : ['--port-offset', values['port-offset']];
const program = join(root, 'dist/bin/elt.js');
const startedAt = Date.now();

await setUp();
const setUpEndedAt = Date.now();

await step('Start the stack', program, 'stack', 'up', ...offset);
await createTopic('number_ingestion');
await step(`Produce ${numbers} numbers`, join(root, 'dist/bin/generate-number.js'), numbers);
await stage('EXTRACT: Kafka → RAW', 'extract', ({ lag }) => lag === '0');
await stage('TRANSFORM: RAW → SILVER', 'transform', ({ ingestedAt, transform }) => transform.ingestedAt === ingestedAt);
await showRows('silver.numbers', 10);
await step('Validate', program, 'validate');
await summary();

async function step(title, script, ...args) {
  console.log(`\n── ${title}`);
  const code = await run(process.execPath, [script, ...args], { cwd: root });
  if (code === 0 && !isInterrupted()) return;
  console.error(`\nThe step "${title}" ended with exit code ${code}. What it said stands above.`);
  console.error('Nothing is lost: npm run quickstart goes on where this run stopped. What runs: npx elt stack status');
  process.exit(code === 0 ? 130 : code);
}

/** Runs a stage; one that follows already is waited for until, by `elt offsets show`, it has read what is there. */
async function stage(title, name, isDone) {
  const runId = await followingRun(name);
  if (runId === null) return await step(title, program, 'run', name, '--drain', '--wait');
  console.log(`\n── ${title}\n${runId} follows: waiting until it has read what is there`);
  for (const deadline = Date.now() + 300_000; Date.now() < deadline && !isInterrupted(); await sleep(1_000)) {
    const { status, stdout } = spawnSync(process.execPath, [program, 'offsets', 'show', '-o', 'json'], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status === 0 && JSON.parse(stdout).pipelines.every(isDone)) return console.log(`${runId} has read it`);
  }
  if (isInterrupted()) process.exit(130);
  console.error(`\n${runId} has not read it within 300 s. What it does: npx elt status ${runId}`);
  process.exit(1);
}

/** The id of a stage's run that goes on until it is stopped; null when there is none. */
async function followingRun(name) {
  const { connectRedis } = await built('pipeline/redis.js');
  const { RunStore } = await built('pipeline/run-store.js');
  const { url, prefix } = (await configuration()).redis;
  const redis = await connectRedis(url);
  try {
    const active = await new RunStore(redis, prefix).active(name, 'numbers');
    return active?.mode === 'follow' ? active.runId : null;
  } finally {
    redis.disconnect();
  }
}

/** The modules of the build: they exist only after the set-up. */
async function built(module) {
  return await import(join(root, 'dist', module));
}

async function configuration() {
  const { loadConfig } = await built('commons/config.js');
  return loadConfig({ env: process.env, cwd: root });
}

async function createTopic(topic) {
  const { createTopic: create } = await built('kafka/create-topic.js');
  const isNew = await create((await configuration()).kafka, topic, { partitions: 3 });
  console.log(`\n── The topic ${topic} ${isNew ? 'was created with 3 partitions' : 'is there'}`);
}

async function showRows(table, rows) {
  const { openTrino } = await built('trino/client.js');
  const { tableLines } = await built('cli/table.js');
  const trino = openTrino((await configuration()).trino);
  try {
    const sql = `SELECT CAST(event_time AS varchar) AS event_time, CAST(number AS varchar) AS number, words FROM ${table} ORDER BY event_time DESC, kafka_offset DESC LIMIT ${rows}`;
    const found = await trino.query(sql);
    console.log(`\n── ${sql}`);
    const columns = [{ heading: 'event_time' }, { heading: 'number', align: 'right' }, { heading: 'words' }];
    const cells = found.map((row) => [row.event_time, row.number, row.words]);
    console.log(tableLines(columns, cells).join('\n'));
  } finally {
    await trino.close();
  }
}

async function summary() {
  const status = spawnSync(process.execPath, [program, 'stack', 'status', '-o', 'json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const services = JSON.parse(status.stdout).services;
  const endpoint = (name) => services.find((service) => service.name === name)?.endpoint ?? 'unknown';
  const uis = (await configuration()).spark.ui;
  const seconds = (from, to) => ((to - from) / 1000).toFixed(0);
  console.log(`
── Done in ${seconds(startedAt, Date.now())} s (set-up ${seconds(startedAt, setUpEndedAt)} s)

Everything runs on this machine, on loopback only:
  Spark master   ${uis.join(', ')}
  Trino          ${endpoint('trino')}  (user elt, catalog lakehouse)

Type next:
  ./generate_number.sh 5000               more numbers
  npx elt run extract                     follow the topic (Ctrl-C leaves it running)
  npx elt run transform --restart         the other stage, without touching the first
  npx elt status                          runs, positions, lag
  npx elt validate                        prove it again
  npx elt stop extract                    stop gracefully
  npx elt stack down                      stop the engines, keep the data (--purge drops it)`);
}
