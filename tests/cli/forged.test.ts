/** Things put into Redis by hand: refused before anything is submitted, with a reason; the worker goes on and nothing loops. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { enqueue, type RunQueue } from '../../src/pipeline/queue.js';
import type { Run } from '../../src/pipeline/run.js';
import { aRun } from '../pipeline/runs.js';
import { endEvent } from '../pipeline/world.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { Installation, requireBuild, until } from './program.js';

const runId = '20261122t163000-aaaaaa';

describe('what was put into Redis by hand', () => {
  let server: RedisServer;
  let redis: Redis;
  let line: Installation;
  let queue: Queue;
  let said = '';

  beforeAll(async () => {
    requireBuild();
    server = await startRedis();
    redis = new Redis(server.url);
    line = await Installation.open(server.url, 'forged');
    queue = new Queue('extract', { connection: { url: server.url }, prefix: 'forged:queue' });
    line.master.onCreate = (driver) => {
      driver.stdout = endEvent(JSON.parse(driver.args[0] ?? '{}').runId, 'succeeded');
      driver.state = 'FINISHED';
    };
    const worker = line.start(['worker']);
    worker.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    await until('the worker serves', async () => (await queue.getWorkersCount()) > 0);
  }, 60_000);

  afterAll(async () => {
    await queue.close();
    await line.close();
    redis.disconnect();
    await server.close();
  });

  /** A whole run through the same worker: it is alive, and this is the only driver there ever was since `before`. */
  async function stillWorks(before: number): Promise<void> {
    const { exitCode } = await line.elt(['run', 'extract', '--drain', '--wait']);
    expect(exitCode).toBe(0);
    expect(line.master.bodies).toHaveLength(before + 1);
  }

  const payload = 'x'.repeat(10_000_000);
  test.each<[string, string, object, object]>([
    ['an unknown run', 'run', { runId, failures: 0 }, { jobId: runId }],
    ['a run id that is a command', 'run', { runId: '$(reboot); ../../x\n', failures: 0 }, {}],
    ['a run id that is an object', 'run', { runId: { $ne: null }, failures: 0 }, {}],
    ['10 MB', 'run', { runId: payload, failures: 0 }, {}],
    ['failures without end', 'run', { runId, failures: 1e308 }, { jobId: runId }],
    ['another name', 'submit', { mainClass: 'evil.Main', jar: 'http://evil/x.jar' }, {}],
    ['a tick without a scheduler', 'tick', { pipeline: 'numbers' }, {}],
    ['no data', 'tick', {}, {}],
  ])(
    '%s as a queue job fails once, with the reason',
    async (_, name, data, options) => {
      const drivers = line.master.bodies.length;
      const job = await queue.add(name, data, options);
      const failed = await until('the job was refused', async () => {
        const [one] = (await queue.getFailed(0, 100)).filter(({ id }) => id === job.id);
        return one;
      });
      expect(failed.failedReason).toMatch(/^refused: /);
      expect(failed.attemptsMade).toBe(1);
      expect(said).toContain('a queue job was refused');
      expect(line.master.bodies).toHaveLength(drivers);
      await failed.remove();
    },
    60_000,
  );

  test('a scheduler by hand starts nothing', async () => {
    const drivers = line.master.bodies.length;
    await queue.upsertJobScheduler('evil', { every: 500 }, { name: 'tick', data: { pipeline: 'numbers' } });
    await until('it was refused', async () =>
      (await queue.getFailed()).some(({ failedReason }) => /no tick of a schedule/.test(failedReason)),
    );
    await queue.removeJobScheduler('evil');
    expect(line.master.bodies).toHaveLength(drivers);
  }, 60_000);

  test('a job that is no JSON does not come back for ever', async () => {
    await redis.hset('forged:queue:extract:broken', { name: 'run', data: '{{{', opts: '{}', timestamp: 1 });
    await redis.lpush('forged:queue:extract:wait', 'broken');
    await queue.add('run', { runId, failures: 0 });
    await until('it was removed', async () => (await redis.exists('forged:queue:extract:broken')) === 0, 60_000);
    await until('the worker says so', () => said.includes('a queue job that is no JSON was removed'));
    expect(await redis.lrange('forged:queue:extract:active', 0, -1)).not.toContain('broken');
  }, 90_000);

  test.each<[string, (run: Run) => unknown]>([
    ['that is no JSON', () => '{"runId":'],
    ['that is no object', () => 7],
    ['of 10 MB', (run) => ({ ...run, notice: payload })],
    ['with a command for a pipeline', (run) => ({ ...run, pipeline: '$(reboot)' })],
    ['with an unknown state', (run) => ({ ...run, state: 'rooted' })],
    ['without a submission', ({ spec: _, ...run }) => run],
    ['of another run', (run) => ({ ...run, runId: '20261122t163000-bbbbbb' })],
  ])(
    'a run record %s is set aside',
    async (_, forge) => {
      const drivers = line.master.bodies.length;
      const forged = forge(aRun(runId));
      await put(typeof forged === 'string' ? forged : JSON.stringify(forged));
      await until('it was set aside', async () => (await redis.exists(`forged:refused:${runId}`)) === 1);
      expect(await redis.sismember('forged:open', runId)).toBe(0);
      const seen = await line.elt(['status', runId]);
      expect([seen.exitCode, seen.stderr]).toEqual([2, expect.stringMatching(/Unknown run|not one of elt's/)]);
      expect(line.master.bodies).toHaveLength(drivers);
      await redis.del(`forged:refused:${runId}`);
    },
    60_000,
  );

  test.each<[string, RegExp, (run: Run) => Run]>([
    [
      'a foreign class',
      /mainClass is "evil\.Main"/,
      (run) => ({ ...run, spec: { ...run.spec, mainClass: 'evil.Main' } }),
    ],
    [
      'a foreign jar',
      /jar is "http:\/\/evil\/x\.jar"/,
      (run) => ({ ...run, spec: { ...run.spec, jar: 'http://evil/x.jar' } }),
    ],
    [
      'a foreign class path',
      /extraClassPath is "\/tmp\/evil"/,
      (run) => ({
        ...run,
        spec: { ...run.spec, properties: { ...run.spec.properties, 'spark.driver.extraClassPath': '/tmp/evil' } },
      }),
    ],
    [
      "another run's name",
      /name is "elt-extract-other-/,
      (run) => ({ ...run, spec: { ...run.spec, name: `elt-extract-other-${run.runId}` } }),
    ],
  ])(
    'a run with %s ends failed before anything is submitted',
    async (_, message, forge) => {
      const drivers = line.master.bodies.length;
      const dry = JSON.parse((await line.elt(['run', 'extract', '--drain', '--dry-run', '-o', 'json'])).stdout);
      const { submission, runId: id, table } = dry;
      const spec = { ...submission, args: [JSON.stringify(submission.args[0])] };
      const genuine = aRun(id, { spec, table });
      await put(JSON.stringify(forge(genuine)), id);
      const run = await until('the run is over', async () => {
        const one = (await line.store.get(id))?.run;
        return one?.state === 'failed' ? one : undefined;
      });
      expect(run.error).toMatchObject({ code: 'spec-refused', message: expect.stringMatching(message) });
      expect(line.master.bodies).toHaveLength(drivers);
    },
    60_000,
  );

  test('and the worker still works', async () => await stillWorks(line.master.bodies.length), 60_000);

  async function put(json: string, id = runId): Promise<void> {
    await redis.hset(`forged:run:${id}`, { version: 1, json });
    await redis.zadd('forged:runs', Date.now(), id);
    await redis.set('forged:active:extract:numbers', id);
    await redis.sadd('forged:open', id);
    // What the sweep would do within seconds; the record that is no JSON waits for it.
    if (!json.startsWith('{"runId":') || json.endsWith('}')) await enqueue(queue as RunQueue, id);
  }
});
