// B1: EXTRACT's drain rate against plain consumers that read the same topic; start-up by phase.
import { fill, openLine, ratioRow, rawCounts, yardstick } from './line.mjs';

const shapes = [
  { what: '100 B', recordBytes: 100, records: 3_000_000, maxRowsPerCommit: 500_000 },
  { what: '1 KB', recordBytes: 1_000, records: 600_000, maxRowsPerCommit: 100_000 },
];

export async function benchExtract(work) {
  const rows = [];
  for (const shape of shapes) {
    const line = await openLine(work, `bench_extract_${shape.recordBytes}_${Date.now().toString(36)}`, {
      extract: { maxRowsPerCommit: shape.maxRowsPerCommit },
    });
    try {
      console.error(`producing ${shape.records} records of ${shape.what} …`);
      await fill(line, shape.records, shape);
      const plain = await consume(line);
      const report = line.run('extract');
      const again = await consume(line);
      const events = line.events(report.runId);
      const rate = steadyRate(events.filter((event) => event.event === 'commit' && event.rows > 0));
      printStartUp(shape.what, report, events);
      const yardsticks = [...plain, ...again];
      const ours = yardsticks.map(() => rate);
      rows.push(
        ratioRow(
          `EXTRACT ÷ raw consumer, ${shape.what}`,
          ours,
          yardsticks,
          'rows/s',
          await rawCounts(line, shape.records),
        ),
      );
    } finally {
      await line.close();
    }
  }
  return rows;
}

async function consume(line) {
  const passes = await yardstick('elt.bench.RawConsumer', line, [
    line.config.kafka.bootstrapServers,
    line.name,
    '2',
    '2',
  ]);
  return passes.map((pass) => pass.rowsPerSecond);
}

/** Rows per second over all batches but the first, commits included. */
function steadyRate(commits) {
  const steady = commits.slice(1);
  const first = commits[0];
  const last = commits.at(-1);
  const rows = steady.reduce((sum, commit) => sum + Number(commit.rows), 0);
  return rows / ((Date.parse(last.at) - Date.parse(first.at)) / 1000);
}

function printStartUp(what, report, events) {
  const at = (event) => (event === undefined ? Number.NaN : Date.parse(event.at) - Date.parse(report.startedAt));
  const started = events.find((event) => event.event === 'started');
  const phases = {
    'submit → main': at(started) - started.sinceMainMs,
    'main → session': started.sinceMainMs,
    'session → claim': at(events.find((event) => event.event === 'claimed')) - at(started),
    'claim → first commit':
      at(events.find((event) => event.event === 'commit')) - at(events.find((event) => event.event === 'claimed')),
  };
  console.error(
    `start-up, ${what}: ${Object.entries(phases)
      .map(([phase, ms]) => `${phase} ${(ms / 1000).toFixed(1)} s`)
      .join(', ')}`,
  );
}
