// B8: the verification of what one run brought against all checks on all rows of the table, in alternating pairs.
import { fill, openLine, ratioRow, rawCounts, verificationOf } from './line.mjs';

/** Eleven hours at 1,000 records a second: with few rows both sides are Trino’s planning. */
const records = 40_000_000;
const increment = 1_000;
const pairs = 5;

export async function benchVerification(work) {
  const line = await openLine(work, `bench_verification_${Date.now().toString(36)}`);
  try {
    console.error(`producing ${records} records …`);
    await fill(line, records, { recordBytes: 6 });
    line.run('extract');
    const verification = await verificationOf(line, 'extract');
    await fill(line, increment, { recordBytes: 6 });
    line.run('extract');
    const ours = [];
    const full = [];
    for (let pair = -1; pair < pairs; pair += 1) {
      const [short, long] = [await verification.increment(), await verification.full()];
      if (pair < 0) continue;
      ours.push(short);
      full.push(long);
    }
    return [
      ratioRow(
        'verification of a run ÷ of the whole table',
        ours,
        full,
        'ms',
        await rawCounts(line, records + increment),
      ),
    ];
  } finally {
    await line.close();
  }
}
