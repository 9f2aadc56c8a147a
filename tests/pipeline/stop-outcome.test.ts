/** A stop is bounded in time, and says how it went. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { isFinal } from '../../src/pipeline/run.js';
import { stopOutcomeText } from '../../src/pipeline/stop-outcome.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { aRun } from './runs.js';
import { commitEvent, event, World } from './world.js';

const runId = '20261122t163000-aaaaaa';
let server: RedisServer;
let world: World;
let count = 0;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => await server.close());
beforeEach(async () => {
  world = await World.open(server.url, `stop_${count++}`);
});
afterEach(async () => await world.close());

/** A run whose driver has committed, asked to stop. */
async function stopping(): Promise<number> {
  await world.store.create(aRun(runId, { mode: 'follow' }));
  await world.stepUntil(runId, (run) => run.state === 'running');
  world.driver.stdout = event(runId, 'started') + commitEvent(runId, 0, 10);
  await world.stepUntil(runId, (run) => run.progress.commits === 1);
  const at = world.services.now();
  await world.store.change(runId, () => ({ stopRequestedAt: at.toISOString() }));
  return at.getTime();
}

async function evidence(): Promise<string> {
  return (await world.store.log(runId)).map((entry) => `${entry.what}: ${entry.evidence}`).join('\n');
}

test('a driver that ends by itself was stopped gracefully', async () => {
  world.master.onKill = (driver) => {
    driver.state = 'FINISHED';
  };
  world.stage.facts = { claims: [runId], released: { claim: runId, state: 'stopped' }, commits: [] };
  await stopping();
  const run = await world.stepUntil(runId, (one) => isFinal(one.state));
  expect([run.state, stopOutcomeText(run)]).toEqual([
    'stopped',
    expect.stringMatching(/^stopped gracefully after \d+ s$/),
  ]);
  expect(await evidence()).toMatch(/stopped: stopped gracefully after \d+ s/);
});

test('a driver that Spark had to kill was killed', async () => {
  world.master.onKill = (driver) => {
    driver.state = 'KILLED';
  };
  await stopping();
  const run = await world.stepUntil(runId, (one) => isFinal(one.state));
  expect([run.state, stopOutcomeText(run)]).toEqual(['stopped', expect.stringMatching(/^killed after \d+ s$/)]);
  expect(await evidence()).toMatch(/stopped: killed after \d+ s/);
});

test('a driver that never ends holds nobody up for longer than 90 s', async () => {
  world.master.onKill = () => {};
  const askedAtMs = await stopping();
  const run = await world.stepUntil(runId, (one) => isFinal(one.state));
  expect(world.services.now().getTime() - askedAtMs).toBeLessThan(90_000);
  expect([run.state, stopOutcomeText(run)]).toEqual(['stopped', expect.stringMatching(/^killed after 8\d s$/)]);
  expect(world.driver.kills).toBeGreaterThan(1);
});
