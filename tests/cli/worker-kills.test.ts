/** Real `elt worker` processes die by SIGKILL: at every failpoint, and at random moments under many runs. One driver a run, one end. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { planRun } from '../../src/cli/plan-run.js';
import { loadConfig } from '../../src/commons/config.js';
import { enqueue, openQueue, type RunQueue } from '../../src/pipeline/queue.js';
import { isSettled, newRun, type Run } from '../../src/pipeline/run.js';
import { endEvent } from '../pipeline/world.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import type { FakeDriver } from '../spark/fake-master.js';
import { seededRandom } from '../stack/harness.js';
import { Installation, requireBuild, until } from './program.js';

const pipelines = Array.from({ length: 12 }, (_, index) => `p${index}`);
const finalWords = new Set(['succeeded', 'failed', 'stopped', 'fenced', 'lost']);

let server: RedisServer;

beforeAll(async () => {
  requireBuild();
  server = await startRedis();
});

afterAll(async () => await server.close());

/** An installation with pipelines p0, p1, …, and its queue of EXTRACT. */
async function withLine(prefix: string, action: (line: Installation, queue: RunQueue) => Promise<void>) {
  const line = await Installation.open(server.url, prefix);
  const extract = (name: string) => ({ topic: name, table: `raw.${name}` });
  line.declare(Object.fromEntries(pipelines.map((name) => [name, { extract: extract(name) }])));
  const queue = openQueue('extract', { url: server.url, prefix }, () => undefined);
  try {
    await action(line, queue);
  } finally {
    await queue.close();
    await line.close();
  }
}

/** As `elt run extract PIPELINE --drain --detach`, without a process of its own. */
async function record(line: Installation, pipeline: string): Promise<string> {
  const config = loadConfig({ env: line.env, cwd: line.folder, flags: {} });
  const run = newRun(planRun(config, 'extract', pipeline, { drain: true }, new Date()));
  if (!(await line.store.create(run)).isCreated) throw new Error(`${pipeline} has a run already`);
  return run.runId;
}

function end(driver: FakeDriver): void {
  const { runId } = JSON.parse(driver.args[0] ?? '{}') as { runId: string };
  driver.stdout = endEvent(runId, 'succeeded');
  driver.state = 'FINISHED';
}

async function settled(line: Installation, runId: string, limitMs: number): Promise<Run> {
  const look = async () => {
    const run = (await line.store.get(runId))?.run;
    return run !== undefined && isSettled(run) ? run : undefined;
  };
  return await until(`${runId} settles`, look, limitMs);
}

/** One driver was ever made for it, in one attempt, and its log has one end. */
async function expectOneOfEach(line: Installation, run: Run): Promise<void> {
  const created = line.master.bodies.filter(({ appArgs }) => appArgs[0]?.includes(run.runId));
  expect([run.runId, created.length, run.attempt, run.state]).toEqual([run.runId, 1, 1, 'succeeded']);
  const log = await line.store.log(run.runId);
  expect(log.filter(({ what }) => finalWords.has(what))).toHaveLength(1);
}

test('killed at every failpoint: another worker goes on within 35 s, with one driver and one end', async () => {
  const points = ['enqueue-before-add', 'submit-before-create', 'submit-after-create', 'poll@2', 'end-before-save'];
  const scenario = async (point: string) =>
    await withLine(point.replace(/[^a-z]/g, '_'), async (line, queue) => {
      line.master.onCreate = (driver) => void setTimeout(() => end(driver), 1_000);
      const runId = await record(line, 'p0');
      if (point !== 'enqueue-before-add') await enqueue(queue, runId);
      const [name, time] = point.split('@');
      const rule = `${name}=kill${time === undefined ? '' : `@${time}`}`;
      const died = await line.start(['worker', 'extract'], { ELT_FAILPOINTS: rule });
      expect([point, died.signal]).toEqual([point, 'SIGKILL']);
      const diedAt = Date.now();
      line.start(['worker', 'extract']);
      const run = await settled(line, runId, 60_000);
      process.stderr.write(`killed at ${point}: the run was over ${(Date.now() - diedAt) / 1000} s later\n`);
      expect(Date.now() - diedAt).toBeLessThan(35_000);
      await expectOneOfEach(line, run);
    });
  await Promise.all(points.map(scenario));
}, 180_000);

test('killed at 30 random moments, with two workers at a time: one driver and one end for every run', async () => {
  const random = seededRandom('worker kills');
  await withLine('random', async (line, queue) => {
    line.master.onCreate = (driver) => {
      if (random() < 0.2) line.master.createMode = 'drop-answer';
      setTimeout(() => end(driver), random() * 3_000);
      setTimeout(() => Object.assign(line.master, { createMode: 'answer' }), 50);
    };
    const runIds: string[] = [];
    const free = new Set(pipelines);
    let workers = [line.start(['worker', 'extract']), line.start(['worker', 'extract'])];
    for (let kill = 0; kill < 30; kill++) {
      for (const pipeline of [...free].slice(0, 2)) {
        free.delete(pipeline);
        const runId = await record(line, pipeline);
        runIds.push(runId);
        await enqueue(queue, runId);
        void settled(line, runId, 240_000).then(
          () => free.add(pipeline),
          () => undefined,
        );
      }
      await new Promise((wake) => setTimeout(wake, random() * 2_000));
      // The older one: it is at work, the other one may still be starting.
      const [victim, survivor] = workers;
      victim?.kill('SIGKILL');
      workers = [survivor as never, line.start(['worker', 'extract'])];
    }
    const killedAt = Date.now();
    for (const runId of runIds) await expectOneOfEach(line, await settled(line, runId, 60_000));
    process.stderr.write(
      `30 kills, ${runIds.length} runs: over ${(Date.now() - killedAt) / 1000} s after the last kill\n`,
    );
    expect(runIds.length).toBeGreaterThanOrEqual(pipelines.length);
  });
}, 300_000);
