import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { logLines } from '../../src/cli/log-lines.js';
import { isFinal, isSettled } from '../../src/pipeline/run.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { aRun } from './runs.js';
import { commitEvent, endEvent, World } from './world.js';

let server: RedisServer;
let world: World;
let count = 0;

beforeAll(async () => {
  server = await startRedis();
});

afterAll(async () => await server.close());

beforeEach(async () => {
  world = await World.open(server.url, `l${count++}`);
});

afterEach(async () => await world.close());

const words = async () => (await world.store.log('r1')).map(({ what }) => what);
const evidenceOf = async (word: string) => (await world.store.log('r1')).find(({ what }) => what === word)?.evidence;

describe('the log of a run', () => {
  test('tells every transition with its evidence, in the order of time', async () => {
    await world.store.create(aRun('r1'));
    await world.stepUntil('r1', (run) => run.state === 'running');
    world.driver.stdout += commitEvent('r1', 0, 10) + endEvent('r1', 'succeeded');
    world.driver.state = 'FINISHED';
    await world.stepUntil('r1', isSettled);
    expect(await words()).toEqual([
      ...['queued', 'submitting', 'create sent', 'submitted'],
      ...['driver state', 'driver found', 'succeeded', 'verified'],
    ]);
    expect(await evidenceOf('submitted')).toBe(`${world.driver.id}; the create request was answered`);
    expect(await evidenceOf('succeeded')).toBe("Spark says FINISHED; the driver's last word: succeeded");
    const times = (await world.store.log('r1')).map(({ at }) => at);
    expect(times).toEqual(times.toSorted());
  });

  test('an adoption names where the driver was found', async () => {
    await world.store.create(aRun('r1'));
    world.master.createMode = 'drop-answer';
    await world.stepUntil('r1', (run) => run.state === 'running');
    expect(await words()).toEqual(expect.arrayContaining(['create unanswered', 'adopted']));
    expect(await evidenceOf('adopted')).toMatch(/^driver-\d+-0000; RUNNING on the master.*elt-extract-numbers-r1$/);
  });

  test('a lost run names everybody who did not answer, and a later attempt has a number of its own', async () => {
    await world.store.create(aRun('r1', { mode: 'follow' }));
    await world.stepUntil('r1', (run) => run.logAddress !== null);
    world.master.status = 'STANDBY';
    world.master.isWorkerUp = false;
    await world.stepUntil('r1', (run) => run.attempt === 2);
    expect(await evidenceOf('unreachable')).toContain(`the Spark worker at ${world.master.workerUi} does not answer`);
    expect(await evidenceOf('attempt failed')).toMatch(/Attempt 1 lost \(driver-lost\)/);
    await world.store.change('r1', () => ({ stopRequestedAt: new Date().toISOString() }));
    await world.stepUntil('r1', (run) => isFinal(run.state));
    expect((await world.store.log('r1')).at(-1)).toMatchObject({ attempt: 2, what: 'stopped' });
  });

  test('who lost the race writes no entry; mere progress is none', async () => {
    await world.store.create(aRun('r1'));
    const stored = await world.store.get('r1');
    if (stored === null) throw new Error('no run');
    await world.store.save(stored, { calmSteps: 1 });
    expect(await world.store.save(stored, { state: 'submitting' })).toBeNull();
    expect(await words()).toEqual(['queued']);
  });

  test('keeps its first entry and the newest 499, and goes with its run', async () => {
    await world.store.create(aRun('r1'));
    const seen = (index: number) => ({ evidence: `look ${index}` });
    for (let index = 0; index < 600; index++) await world.store.change('r1', () => ({ calmSteps: index }), seen(index));
    const log = await world.store.log('r1');
    expect(log).toHaveLength(500);
    expect([log[0]?.what, log[1]?.evidence, log[499]?.evidence]).toEqual(['queued', 'look 101', 'look 599']);

    await world.store.change('r1', () => ({ state: 'succeeded', verified: true, requestedAt: '2000-01-01T00:00:00Z' }));
    await world.redis.zadd(`l${count - 1}:runs`, 0, 'r1');
    // The last run of a stage is never forgotten.
    await world.store.create(aRun('r2'));
    await world.store.change('r2', () => ({ state: 'succeeded', verified: true }));
    for (let index = 0; index < 1_000; index++) await world.store.create(aRun(`x${index}`, { pipeline: `p${index}` }));
    expect(await world.store.get('r1')).toBeNull();
    expect(await world.store.log('r1')).toEqual([]);
  });
});

test('a log for people: the day where it changes, attempts where there are several', () => {
  const entry = (at: string, attempt: number, what: string, evidence: string) => ({ at, attempt, what, evidence });
  const log = [
    entry('2026-11-22T23:59:59.000Z', 1, 'queued', 'follow run'),
    entry('2026-11-23T00:00:01.500Z', 2, 'attempt failed', 'x'),
  ];
  expect(logLines(log)).toEqual([
    '2026-11-22 UTC',
    '23:59:59.000  #1   queued          follow run',
    '2026-11-23 UTC',
    '00:00:01.500  #2   attempt failed  x',
  ]);
});
