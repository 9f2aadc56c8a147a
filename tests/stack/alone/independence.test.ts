import { afterEach, describe, expect, test } from '@jest/globals';
import { Line, until } from '../harness.js';

const commitIntervalMs = 4_000;

describe('the stages are independent', () => {
  let line: Line;

  afterEach(async () => await line.close());

  test('restarting TRANSFORM twice under load leaves EXTRACT its rhythm', async () => {
    line = await Line.open('rhythm', {
      extract: { mode: 'follow', commitInterval: `${commitIntervalMs / 1000}s` },
      transform: { mode: 'follow', commitInterval: '2s' },
    });
    line.startWorker();
    const load = produceUntilStopped(line);
    const extract = line.start(['run', 'extract', '--detach', '-o', 'json']);
    await extract;
    await until('EXTRACT commits', async () => (await line.rawRows()) > 0);
    for (let round = 0; round < 2; round += 1) {
      const restart = await line.elt(['run', 'transform', '--restart', '--detach', '-o', 'json']);
      expect(restart.exitCode).toBe(0);
      const before = (await line.commitsOf(line.silver)).length;
      await until('TRANSFORM commits again', async () => (await line.commitsOf(line.silver)).length > before);
    }
    await until('EXTRACT has a rhythm', async () => (await line.commitsOf(line.raw)).length > 4);
    await load.stop();

    const commits = await line.commitsOf(line.raw);
    const pauses = commits.slice(1).map((at, index) => at - (commits[index] ?? at));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(2 * commitIntervalMs);

    for (const stage of ['extract', 'transform']) {
      expect((await line.elt(['stop', stage])).exitCode).toBe(0);
    }
    await line.run('extract', '--drain');
    await line.run('transform', '--drain');
    expect(await line.rawRows()).toBe(load.produced());
    expect(await line.count(`SELECT count(*) FROM ${line.silver}`)).toBe(load.produced());
  }, 300_000);
});

/** Produces 500 records every 250 ms until told to stop. */
function produceUntilStopped(line: Line): { stop: () => Promise<void>; produced: () => number } {
  let running = true;
  let produced = 0;
  const loop = (async () => {
    while (running) {
      const from = produced;
      await line.produce(Array.from({ length: 500 }, (_, index) => ({ value: String(from + index) })));
      produced += 500;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  })();
  return {
    stop: async () => {
      running = false;
      await loop;
    },
    produced: () => produced,
  };
}
