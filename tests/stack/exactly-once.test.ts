import { afterEach, describe, expect, test } from '@jest/globals';
import { driverOf, Line, seededRandom } from './harness.js';

const rounds = 2;
const records = 200_000;

describe('exactly once, whatever dies', () => {
  let line: Line;

  afterEach(async () => await line.close());

  test('EXTRACT and TRANSFORM drivers killed at random moments lose nothing and double nothing', async () => {
    const random = seededRandom('exactly-once');
    line = await Line.open('killed', {
      extract: { commitInterval: '1s', maxRowsPerCommit: 20_000 },
      transform: { maxRowsPerCommit: 20_000 },
    });
    await line.produce(
      Array.from({ length: records }, (_, index) => ({ value: `${index}`, key: Buffer.from(`${index % 97}`) })),
    );

    for (const stage of ['extract', 'transform'] as const) {
      for (let round = 0; round < rounds; round += 1) {
        const run = line.start(['run', stage, '--drain', '-o', 'json']);
        await Promise.race([killDriver(line, 3_000 + random() * 6_000), run]);
        await run;
      }
      const last = await line.run(stage, '--drain');
      expect(last.report).toMatchObject({ state: 'succeeded', verified: true });
    }

    expect(await line.count(`SELECT count(*) FROM ${line.raw}`)).toBe(records);
    expect(
      await line.count(`SELECT count(*) FROM (SELECT DISTINCT kafka_partition, kafka_offset FROM ${line.raw})`),
    ).toBe(records);
    expect(await line.count(`SELECT count(DISTINCT from_utf8(kafka_value)) FROM ${line.raw}`)).toBe(records);
    expect(await line.count(`SELECT count(DISTINCT number) FROM ${line.silver}`)).toBe(records);
    expect(await line.count(`SELECT count(*) FROM ${line.silver}`)).toBe(records);
    const validate = await line.elt(['validate', '-o', 'json']);
    expect(JSON.parse(String(validate.stdout))).toMatchObject({ passed: true });
  }, 600_000);
});

/** SIGKILLs the line's driver `delayMs` after it appears. */
async function killDriver(line: Line, delayMs: number): Promise<void> {
  const pid = await driverOf(line);
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended before its turn: that round killed nobody.
  }
}
