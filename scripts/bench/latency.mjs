// B3: record time → row visible in Trino, at a steady 1,000 records/s. Seconds, not ratios: the peers' figures are from elsewhere.
import { setTimeout as sleep } from 'node:timers/promises';
import { fill, openLine, rawCounts } from './line.mjs';

const ratePerSecond = 1_000;
const seconds = 60;
const pollMs = 200;
const intervals = ['10s', '1s'];

export async function benchLatency(work) {
  const rows = [];
  for (const interval of intervals) rows.push(await measure(work, interval));
  return rows;
}

async function measure(work, interval) {
  const name = `bench_latency_${interval}_${Date.now().toString(36)}`;
  const line = await openLine(work, name, { extract: { mode: 'follow', commitInterval: interval } });
  const follow = line.start(['run', 'extract', '-o', 'json']);
  try {
    // What is landed before the measurement warms the driver up.
    const warmUp = ratePerSecond * 5;
    await fill(line, warmUp, { recordBytes: 20, throughput: ratePerSecond });
    while ((await line.rawRows()) < warmUp) await sleep(500);
    const since = Date.now();
    const watch = watchCommits(line);
    const records = ratePerSecond * seconds;
    await fill(line, records, { recordBytes: 20, throughput: ratePerSecond });
    while ((await line.rawRows()) < warmUp + records) await sleep(200);
    const seen = await watch.stop();
    const [p50, p95, p99] = await percentiles(line, seen, since);
    const text = [p50, p95, p99].map((value, index) => `p${[50, 95, 99][index]} ${value.toFixed(1)} s`).join(', ');
    return {
      what: `record → visible, every ${interval} (s)`,
      median: p50,
      min: p95,
      max: p99,
      ours: text,
      yardstick: 'median, p95, p99',
      ...(await rawCounts(line, warmUp + records)),
    };
  } finally {
    line.elt(['stop', 'extract']);
    await follow.ended;
    await line.close();
  }
}

/** Notes for each commit's clock (micros) when a statement first showed it: never earlier than it could be seen. */
function watchCommits(line) {
  const seen = new Map();
  let isOver = false;
  const [schema, table] = `raw.${line.name}`.split('.');
  const sql = `SELECT element_at(summary, 'elt.ingested-at') AS clock FROM ${schema}."${table}$snapshots"`;
  const watching = (async () => {
    while (!isOver) {
      for (const { clock } of await line.trino.query(sql)) {
        if (clock !== null && !seen.has(clock)) seen.set(clock, Date.now());
      }
      await sleep(pollMs);
    }
    return seen;
  })();
  return {
    stop: async () => {
      isOver = true;
      return await watching;
    },
  };
}

async function percentiles(line, seen, since) {
  const values = [...seen]
    .map(([clock, at]) => `(from_iso8601_timestamp_nanos('${clock}'), BIGINT '${at}')`)
    .join(', ');
  const sql =
    `SELECT approx_percentile(CAST(at - kafka_timestamp_ms AS double), ARRAY[0.5, 0.95, 0.99]) AS p ` +
    `FROM raw.${line.name} JOIN (VALUES ${values}) AS seen (clock, at) ON ingested_at = CAST(clock AS timestamp(6) with time zone) ` +
    `WHERE kafka_timestamp_ms >= ${since}`;
  const [row] = await line.trino.query(sql);
  return row.p.map((ms) => ms / 1000);
}
