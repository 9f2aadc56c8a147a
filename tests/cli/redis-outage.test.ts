/** Redis dies, freezes or forgets under `elt worker` and `elt run`: they end, in time and with words. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { endEvent } from '../pipeline/world.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { Installation, requireBuild, until } from './program.js';

let server: RedisServer;
let line: Installation;

beforeEach(async () => {
  requireBuild();
  server = await startRedis();
  line = await Installation.open(server.url, 'outage');
});

afterEach(async () => {
  await line.close();
  await server.close();
});

const faults = [
  ['killed', () => server.kill()],
  ['frozen', () => server.freeze()],
] as const;

describe.each(faults)('SIGTERM while Redis is %s', (_, happens) => {
  test('ends elt worker in less than 10 s', async () => {
    const worker = line.start(['worker']);
    await until('the worker serves', async () => (await line.workers('transform')) > 0);
    await happens();
    // Told before it has noticed, it can close its queues in time and ends with 0.
    await sleep(500);
    await expectEndOf(worker);
  });

  test('ends elt run, which serves the queue itself, in less than 10 s', async () => {
    line.master.status = 'STANDBY';
    const run = line.start(['run', 'extract', '--drain']);
    await until('the run waits', async () => (await line.runs())[0]?.notice ?? undefined);
    await happens();
    await expectEndOf(run);
  });
});

async function expectEndOf(program: ReturnType<Installation['start']>): Promise<void> {
  const askedAt = Date.now();
  // Not execa's kill: it sends SIGKILL after 5 s.
  process.kill(program.pid as number, 'SIGTERM');
  const { signal, exitCode } = await program;
  expect([signal, exitCode]).toEqual([undefined, 143]);
  expect(Date.now() - askedAt).toBeLessThan(10_000);
}

describe('FLUSHALL under elt run', () => {
  test('while it is queued: it ends with exit code 7 and says what to do', async () => {
    line.master.status = 'STANDBY';
    const run = line.start(['run', 'extract', '--drain']);
    await until('the run waits', async () => (await line.runs())[0]?.notice ?? undefined);
    await line.redis.flushall();
    line.master.status = 'ALIVE';
    const { exitCode, stderr } = await run;
    expect([exitCode, line.master.bodies.length]).toEqual([7, 0]);
    expect(String(stderr)).toMatch(/is gone from Redis.*No driver of it lives/);
    expect(String(stderr)).toContain('elt run extract numbers');
  });

  test('while its driver lives: the run comes back and ends as it ends', async () => {
    const run = line.start(['run', 'extract', '--drain']);
    const { runId } = await until('the run runs', async () => {
      const [first] = await line.runs();
      return first?.logAddress == null ? undefined : first;
    });
    await line.redis.flushall();
    await until('the run is back', async () => (await line.runs())[0]?.state === 'running');
    const driver = line.master.drivers[0];
    if (driver === undefined) throw new Error('no driver');
    driver.stdout = endEvent(runId, 'succeeded');
    driver.state = 'FINISHED';
    const { exitCode } = await run;
    expect([exitCode, line.master.bodies.length]).toEqual([0, 1]);
  });
});
