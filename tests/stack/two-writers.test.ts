import { afterEach, describe, expect, test } from '@jest/globals';
import { driverOf, Line, until } from './harness.js';

describe('two writers of one table', () => {
  let line: Line;

  afterEach(async () => await line.close());

  test('a paused EXTRACT that another one replaced ends fenced and doubles nothing', async () => {
    line = await Line.open('fence', { extract: { mode: 'follow', commitInterval: '1s' } });
    const firstHalf = Array.from({ length: 5_000 }, (_, index) => ({ value: String(index) }));
    await line.produce(firstHalf);
    const first = line.start(['run', 'extract', '-o', 'json']);
    const zombie = await driverOf(line);
    await until('the first EXTRACT commits', async () => (await line.rawRows()) === 5_000);

    process.kill(zombie, 'SIGSTOP');
    try {
      await line.produce(firstHalf.map(({ value }) => ({ value: `1${value}` })));
      // A second control plane that knows nothing of the first: a Redis prefix of its own.
      const second = await line.elt(['run', 'extract', '--drain', '-o', 'json'], {
        env: { ELT_REDIS_PREFIX: `${line.topic}_b` },
      });
      expect(JSON.parse(String(second.stdout))).toMatchObject({ state: 'succeeded', rows: 5_000 });
      await line.produce([{ value: '7' }]);
    } finally {
      process.kill(zombie, 'SIGCONT');
    }

    const ended = await first;
    expect(JSON.parse(String(ended.stdout))).toMatchObject({ state: 'fenced' });
    expect(ended.exitCode).toBe(7);
    await line.run('extract', '--drain');
    expect(await line.rawRows()).toBe(10_001);
    expect(
      await line.count(`SELECT count(*) FROM (SELECT DISTINCT kafka_partition, kafka_offset FROM ${line.raw})`),
    ).toBe(10_001);
  }, 240_000);
});
