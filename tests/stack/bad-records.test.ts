import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Line, type TestRecord } from './harness.js';

const yearTenThousandMs = 253_402_300_800_000n;
const now = Date.now();

/** What each value becomes: a number, or the reason of its rejection. */
const values: [label: string, value: Buffer | string | null, expected: bigint | string][] = [
  ['tombstone', null, 'tombstone'],
  ['empty', '', 'empty'],
  ['only spaces', '   ', 'empty'],
  ['leading zeros', '007', 7n],
  ['negative zero', '-0', 0n],
  ['plus sign', '+5', 5n],
  ['surrounding blanks', ' 42 ', 42n],
  ['exponent', '1e3', 'not-an-integer'],
  ['decimal', '12.5', 'not-an-integer'],
  ['largest', '9223372036854775807', 9223372036854775807n],
  ['smallest', '-9223372036854775808', -9223372036854775808n],
  ['one too large', '9223372036854775808', 'out-of-range'],
  ['far too large', '9'.repeat(400), 'out-of-range'],
  ['Arabic digits', '٤٢', 'not-an-integer'],
  ['NaN', 'NaN', 'not-an-integer'],
  ['NUL bytes', Buffer.from([0x31, 0x00, 0x32]), 'not-an-integer'],
  ['invalid UTF-8', Buffer.from([0xff, 0xfe, 0x31]), 'not-utf8'],
  ['900 KB', Buffer.alloc(900_000, 'x'), 'not-an-integer'],
];

describe('bad records', () => {
  let line: Line;
  const usual: TestRecord[] = [
    ...values.map(([, value]) => ({ value, timestamp: String(now) })),
    {
      value: '1',
      timestamp: String(now),
      headers: Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`h${n}`, `v${n}`])),
    },
  ];
  // kafkajs computes with doubles: only times that a double holds exactly arrive as they were sent.
  const oddTimes: TestRecord[] = [
    { value: '2', timestamp: '253370764800000' },
    { value: '3', timestamp: `${((BigInt(now) * 1_000_000n) / 1_024n) * 1_024n}` },
    { value: '4', timestamp: `${2n ** 62n}` },
  ];
  const records = [...usual, ...oddTimes];

  beforeAll(async () => {
    line = await Line.open('bad', { partitions: 1 });
    await line.produce(usual);
    for (const record of oddTimes) await line.produce([record]);
    expect((await line.run('extract')).report).toMatchObject({
      state: 'succeeded',
      verified: true,
      rows: records.length,
    });
    expect((await line.run('transform')).report).toMatchObject({ state: 'succeeded', verified: true });
  }, 240_000);

  afterAll(async () => await line.close());

  test('RAW has the exact bytes, once each', async () => {
    const rows = await line.trino.query(
      `SELECT CAST(kafka_offset AS varchar) AS o, to_hex(sha256(kafka_value)) AS hash FROM ${line.raw} ORDER BY kafka_offset`,
    );
    expect(rows.map((row) => row['hash'])).toEqual(await Promise.all(records.map(({ value }) => sha256(value))));
  });

  test('RAW keeps the time as it was sent, and null where no calendar has it', async () => {
    const rows = await line.trino.query(
      `SELECT CAST(kafka_timestamp_ms AS varchar) AS ms, kafka_timestamp IS NULL AS unknown FROM ${line.raw} ORDER BY kafka_offset`,
    );
    expect(rows.map((row) => row['ms'])).toEqual(records.map((record) => record.timestamp));
    const beyond = records.map(({ timestamp }) => BigInt(timestamp ?? 0) >= yearTenThousandMs);
    expect(rows.map((row) => row['unknown'])).toEqual(beyond);
  });

  test('RAW keeps 1,000 headers', async () => {
    expect(await line.count(`SELECT max(cardinality(kafka_headers)) FROM ${line.raw}`)).toBe(1_000);
  });

  test.each(values.map((entry, offset) => [entry[0], offset, entry[2]] as const))('%s', async (_, offset, expected) => {
    const silver = await line.trino.query(
      `SELECT CAST(number AS varchar) AS number FROM ${line.silver} WHERE kafka_offset = ${offset}`,
    );
    const rejects = await line.trino.query(`SELECT reason FROM ${line.rejects} WHERE kafka_offset = ${offset}`);
    if (typeof expected === 'bigint') {
      expect({ silver, rejects }).toEqual({ silver: [{ number: String(expected) }], rejects: [] });
    } else {
      expect({ silver, rejects }).toEqual({ silver: [], rejects: [{ reason: expected }] });
    }
  });

  test('records without a usable time are rejected with a reason', async () => {
    const first = usual.length;
    const rows = await line.trino.query(
      `SELECT CAST(kafka_offset AS varchar) AS o, reason FROM ${line.rejects} WHERE kafka_offset >= ${first} ORDER BY kafka_offset`,
    );
    expect(rows.map((row) => row['reason'])).toEqual(['timestamp-out-of-window', 'no-timestamp', 'no-timestamp']);
  });

  test('every record is in exactly one of SILVER and rejects', async () => {
    const both = `SELECT kafka_offset FROM ${line.silver} UNION ALL SELECT kafka_offset FROM ${line.rejects}`;
    expect(await line.count(`SELECT count(*) FROM (${both})`)).toBe(records.length);
    expect(await line.count(`SELECT count(DISTINCT kafka_offset) FROM (${both})`)).toBe(records.length);
  });
});

async function sha256(value: Buffer | string | null): Promise<string | null> {
  if (value === null) return null;
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(Buffer.from(value)));
  return Buffer.from(digest).toString('hex').toUpperCase();
}
