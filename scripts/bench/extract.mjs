// B1: EXTRACT's drain rate against raw consumers that read the same topic, in alternating pairs; start-up by phase.
// Consumers: one of ours, warm; and Kafka's own kafka-consumer-perf-test, which starts as cold as an executor does.
// A large record is compared with the rate of the same bytes put into the same S3, too.
import {
  bringsRows,
  fill,
  kafkaTool,
  openLine,
  ratioRow,
  rawCounts,
  steadyRate,
  storageEnvironment,
  yardstick,
} from './line.mjs';

const pairs = 3;
const shapes = [
  // So many that a cold executor's first seconds do not decide.
  { what: '6 B', recordBytes: 6, records: 120_000_000, kind: 'integers' },
  { what: '100 B', recordBytes: 100, records: 10_000_000 },
  { what: '1 KB incompressible', recordBytes: 1_000, records: 3_000_000, kind: 'bytes', isPut: true },
];

export async function benchExtract(work) {
  const rows = [];
  for (const shape of shapes) rows.push(...(await benchShape(work, shape)));
  return rows;
}

async function benchShape(work, { what, recordBytes, records, kind, isPut = false }) {
  const topic = `bench_extract_${recordBytes}_${Date.now().toString(36)}`;
  const measured = { ours: [], tool: [], one: [], put: [] };
  const counts = { lost: 0, doubled: 0 };
  const first = await openLine(work, topic);
  console.error(`producing ${records} records of ${what} …`);
  await fill(first, records, { recordBytes, kind });
  for (let pair = 0; pair < pairs; pair += 1) {
    const line = pair === 0 ? first : await openLine(work, `${topic}_${pair}`, { topic });
    try {
      measured.tool.push(await consumeByTool(line, records));
      measured.one.push(await consume(line));
      if (isPut) measured.put.push((await put(line, recordBytes)) / recordBytes);
      measured.ours.push(extractRate(line, what));
      const { lost, doubled } = await rawCounts(line, records);
      counts.lost += lost;
      counts.doubled += doubled;
    } finally {
      await line.close();
    }
  }
  const row = (name, theirs) => ratioRow(`EXTRACT ÷ ${name}, ${what}`, measured.ours, theirs, 'rows/s', counts);
  return [
    row('kafka-consumer-perf-test', measured.tool),
    row('warm raw consumer', measured.one),
    ...(isPut ? [row('the same bytes put to S3', measured.put)] : []),
  ];
}

function extractRate(line, what) {
  const report = line.run('extract');
  const events = line.events(report.runId);
  printStartUp(what, report, events);
  return steadyRate(events.filter(bringsRows));
}

/** Rows per second of a warm consumer of all partitions. */
async function consume(line) {
  const arguments_ = [line.config.kafka.bootstrapServers, line.topic, '1'];
  const [pass] = await yardstick('elt.bench.RawConsumer', line, arguments_);
  return pass.rowsPerSecond;
}

/** Rows per second as Kafka's own tool counts them: from its first fetch on. */
async function consumeByTool(line, records) {
  const address = ['--bootstrap-server', line.config.kafka.bootstrapServers, '--topic', line.topic];
  const shape = ['--messages', String(records), '--fetch-size', String(8 << 20), '--hide-header'];
  const text = await kafkaTool(line, 'ConsumerPerformance', [...address, ...shape]);
  return Number(text.trim().split('\n').at(-1).split(',').at(-1));
}

/** Bytes per second. */
async function put(line, recordBytes) {
  const { s3, catalog } = line.config;
  const folder = `${catalog.warehouse}/${line.name}_puts`;
  const shape = [String(100_000 * recordBytes), '4', '2', '1'];
  const arguments_ = [s3.endpoint, s3.region, folder, ...shape];
  const [pass] = await yardstick('elt.bench.ObjectPuts', line, arguments_, storageEnvironment(line));
  return pass.bytesPerSecond;
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
