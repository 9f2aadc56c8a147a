/** plan, retry, pause, resume, --restart and --wait, as a user types them: no Trino, no Kafka, a hand-written Spark master, a real Redis. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { newRun } from '../../src/pipeline/run.js';
import { commitEvent, endEvent, event } from '../pipeline/world.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { Installation, requireBuild, until } from './program.js';

let server: RedisServer;
let line: Installation;
let count = 0;

beforeAll(async () => {
  requireBuild();
  server = await startRedis();
});
afterAll(async () => await server.close());
beforeEach(async () => {
  line = await Installation.open(server.url, `sched_${count++}`);
});
afterEach(async () => await line.close());

/** Each driver goes on where the one before it ended. */
function driversFollow(): void {
  let offset = 0;
  line.master.onCreate = (driver) => {
    const runId = JSON.parse(driver.args[0] ?? '{}').runId as string;
    driver.stdout = event(runId, 'started') + commitEvent(runId, offset, offset + 1234);
    offset += 1234;
  };
  line.master.onKill = (driver) => {
    driver.state = 'FINISHED';
  };
}

function driversEnd(): void {
  line.master.onCreate = (driver) => {
    driver.stdout = endEvent(JSON.parse(driver.args[0] ?? '{}').runId, 'succeeded');
    driver.state = 'FINISHED';
  };
}

async function everything(): Promise<string> {
  const redis = new Redis(server.url);
  try {
    const keys = (await redis.keys('*')).sort();
    return JSON.stringify(await Promise.all(keys.map(async (key) => [key, (await redis.dump(key))?.toString()])));
  } finally {
    redis.disconnect();
  }
}

describe('elt plan', () => {
  test('names what stands in the way, and changes neither Redis nor Spark', async () => {
    driversFollow();
    line.declare({
      numbers: {
        extract: { topic: 'numbers', table: 'raw.numbers' },
        transform: { table: 'silver.numbers', sql: 'nowhere.sql', schedule: { every: '1h' } },
      },
    });
    const before = await everything();
    const [extract, transform] = await Promise.all([
      line.elt(['plan', 'extract', '-o', 'json']),
      line.elt(['plan', 'transform']),
    ]);
    expect(extract.exitCode).toBe(5);
    const report = JSON.parse(extract.stdout);
    expect(report).toMatchObject({ active: null, rowsToRead: null, plan: { mode: 'follow', table: 'raw.numbers' } });
    expect(report.obstacles.map(({ code }: { code: string }) => code)).toEqual(['unreachable', 'unreachable']);
    expect(transform.exitCode).toBe(2);
    expect(transform.stdout).toMatch(/SQL file of pipeline "numbers" cannot be read/);
    expect(transform.stdout).toMatch(/schedule +next when an elt worker starts/);
    expect(await everything()).toBe(before);
    expect(line.master.bodies).toHaveLength(0);
  }, 60_000);

  test('beside an active run: exit 4, with --restart what it would do; no master and no cores are said', async () => {
    driversFollow();
    const run = newRun({ ...(await dryRun()), origin: { by: 'user' } });
    await line.store.create(run);
    line.master.hasCores = false;
    const before = await everything();
    const plain = await line.elt(['plan', 'extract']);
    expect([plain.exitCode, plain.stdout]).toEqual([4, expect.stringContaining(`is running already: ${run.runId}`)]);
    expect(plain.stdout).toMatch(/waits-for-cores/);
    line.master.status = 'STANDBY';
    const restart = await line.elt(['plan', 'extract', '--restart', '-o', 'json']);
    expect(restart.exitCode).toBe(5);
    const { obstacles, active } = JSON.parse(restart.stdout);
    expect(active).toMatchObject({ runId: run.runId, state: 'queued' });
    expect(obstacles.map(({ message }: { message: string }) => message).join()).toMatch(/Spark master at .* standby/i);
    expect(await everything()).toBe(before);
  }, 60_000);
});

/** What `elt run extract` would submit, as a new run has it. */
async function dryRun() {
  const dry = JSON.parse((await line.elt(['run', 'extract', '--dry-run', '-o', 'json'])).stdout);
  const { submission, ...rest } = dry;
  const spec = { ...submission, args: [JSON.stringify(submission.args[0])] };
  return { ...rest, spec, isForced: false, requestedAt: new Date().toISOString() };
}

describe('a run again', () => {
  test('retry plans anew with the flags of then, says what it repeats, and refuses a run that is not over', async () => {
    driversEnd();
    const first = await line.elt(['run', 'extract', '--drain', '--accept-loss', '-o', 'json']);
    const { runId } = JSON.parse(first.stdout);
    line.declare({ numbers: { extract: { topic: 'others', table: 'raw.numbers' } } });
    const again = await line.elt(['retry', runId, '-o', 'json']);
    expect(again.exitCode).toBe(0);
    expect(again.stderr).toContain(`repeats ${runId} (succeeded) with the configuration of today`);
    const arguments_ = line.master.bodies.map(({ appArgs }) => JSON.parse(appArgs[0] ?? '{}'));
    expect(arguments_).toMatchObject([
      { mode: 'drain', acceptLoss: true, kafka: { topic: 'numbers' } },
      { mode: 'drain', acceptLoss: true, kafka: { topic: 'others' } },
    ]);
    const [newest] = await line.runs();
    expect(newest).toMatchObject({ runId: JSON.parse(again.stdout).runId, origin: { by: 'retry', of: runId } });

    const active = newRun(await dryRun());
    await line.store.create(active);
    const refused = await line.elt(['retry', active.runId]);
    expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining('is not over (queued)')]);
    expect((await line.elt(['retry', '../../x'])).exitCode).toBe(2);
  }, 90_000);

  test('--restart says what it replaced, how that ended and where the new run resumes', async () => {
    driversFollow();
    line.start(['worker', 'extract']);
    const first = JSON.parse((await line.elt(['run', 'extract', '--detach', '-o', 'json'])).stdout);
    await until('it commits', async () => (await line.runs())[0]?.progress.commits === 1);
    const second = await line.elt(['run', 'extract', '--restart', '--detach', '-o', 'json']);
    expect(JSON.parse(second.stdout).restarted).toMatchObject({
      runId: first.runId,
      state: 'stopped',
      how: expect.stringMatching(/^stopped gracefully after \d+ s$/),
      resumedPosition: [{ topicId: 'T', offsets: { '0': '1234' }, closed: false }],
    });
    const log = JSON.parse((await line.elt(['status', first.runId, '-o', 'json'])).stdout).log;
    expect(log.map(({ evidence }: { evidence: string }) => evidence).join()).toContain('stopped gracefully');
  }, 90_000);
});

describe('schedules', () => {
  test('a scheduled run is active: said kindly, --wait runs after it; pause and resume show in status', async () => {
    line.declare({
      numbers: { extract: { topic: 'numbers', table: 'raw.numbers', mode: 'drain', schedule: { every: '1h' } } },
    });
    const scheduled = newRun({ ...(await dryRun()), origin: { by: 'schedule', slot: '2026-11-22T20:00:00.000Z' } });
    await line.store.create(scheduled);
    line.start(['worker', 'extract']);
    const driver = await until('its driver', () => line.master.drivers[0]);
    const refused = await line.elt(['run', 'extract']);
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toMatch(
      /started by the schedule at .*Wait for it and run after it: elt run extract numbers --wait/s,
    );

    driversEnd();
    const waiting = line.start(['run', 'extract', '--wait', '-o', 'json']);
    let said = '';
    waiting.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    await until('it waits', () => said.includes(`Waiting for ${scheduled.runId}`));
    driver.stdout = endEvent(scheduled.runId, 'succeeded');
    driver.state = 'FINISHED';
    const waited = await waiting;
    expect(waited.exitCode).toBe(0);
    expect(JSON.parse(String(waited.stdout)).runId).not.toBe(scheduled.runId);

    const paused = await line.elt(['pause', 'extract']);
    expect([paused.exitCode, paused.stdout]).toEqual([
      0,
      expect.stringMatching(/extract numbers is paused \(every 1h\)/),
    ]);
    const { schedules } = JSON.parse((await line.elt(['status', '-o', 'json'])).stdout);
    expect(schedules).toMatchObject([{ stage: 'extract', everyMs: 3_600_000, paused: true, nextAt: null }]);
    const resumed = await line.elt(['resume', 'extract']);
    expect(resumed.stdout).toMatch(/is resumed \(every 1h; next at 20/);
    expect((await line.elt(['status'])).stdout).toMatch(/extract +numbers +every 1h +20\d\d-/);
  }, 120_000);
});
