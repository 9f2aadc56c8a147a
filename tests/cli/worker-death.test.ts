/** `elt worker` is killed with SIGKILL at each step of a run; another one goes on, and there is one driver, one end. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isFinal, type Run } from '../../src/pipeline/run.js';
import { endEvent } from '../pipeline/world.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { Installation, requireBuild, until } from './program.js';

describe('an elt worker is killed', () => {
  let server: RedisServer;

  beforeAll(async () => {
    requireBuild();
    server = await startRedis();
  });

  afterAll(async () => await server.close());

  /** Starts a run under a worker; `kill` decides when that worker dies. Then another worker takes over. */
  async function scenario(
    name: string,
    whenToKill: (line: Installation, kill: () => void) => Promise<void>,
    afterwards: (line: Installation) => void = () => {},
  ): Promise<{ run: Run; drivers: number; tookMs: number }> {
    const line = await Installation.open(server.url, name);
    try {
      const first = line.start(['worker', 'extract']);
      const dies = whenToKill(line, () => first.kill('SIGKILL'));
      // It returns with the driver: in one scenario that is after the worker's death.
      const detaching = line.elt(['run', 'extract', '--follow', '--detach']);
      await dies;
      await first;
      const diedAt = Date.now();
      afterwards(line);
      line.start(['worker', 'extract']);
      await until(
        `${name}: the driver is known`,
        async () => (await line.runs())[0]?.submissionId ?? undefined,
        60_000,
      );
      const takenOver = await until(
        `${name}: another worker looks after the run`,
        async () => await beats(line),
        60_000,
      );
      const tookMs = takenOver - diedAt;
      await detaching;
      const driver = line.master.drivers[0];
      if (driver === undefined) throw new Error('no driver');
      driver.stdout = endEvent((await line.runs())[0]?.runId ?? '', 'stopped');
      driver.state = 'FINISHED';
      const run = await until(`${name}: the run ends`, async () =>
        (await line.runs()).find((one) => isFinal(one.state)),
      );
      return { run, drivers: line.master.bodies.length, tookMs };
    } finally {
      await line.close();
    }
  }

  /** Whether the run's record moves: somebody takes its steps. */
  async function beats(line: Installation): Promise<number | undefined> {
    const [before] = await line.runs();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const [after] = await line.runs();
    return before?.calmSteps !== after?.calmSteps ? Date.now() : undefined;
  }

  test('before, inside and after the submission', async () => {
    const inside = scenario('inside', async (line, kill) => {
      await new Promise<void>((resolve) => {
        line.master.createMode = 'drop-answer';
        line.master.onCreate = () => {
          kill();
          resolve();
        };
      });
      line.master.createMode = 'answer';
    });
    const polling = scenario('polling', async (line, kill) => {
      await until('the run is running', async () => (await line.runs())[0]?.state === 'running');
      kill();
    });
    const before = scenario(
      'before',
      async (line, kill) => {
        line.master.status = 'STANDBY';
        await until('the run waits for a master', async () => (await line.runs())[0]?.notice ?? undefined);
        kill();
      },
      (line) => {
        line.master.status = 'ALIVE';
      },
    );
    for (const { run, drivers, tookMs } of await Promise.all([inside, polling, before])) {
      expect(drivers).toBe(1);
      expect(run.state).toBe('stopped');
      expect(run.attempt).toBe(1);
      expect(tookMs).toBeLessThan(35_000);
    }
  }, 120_000);
});
