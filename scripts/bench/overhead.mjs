// B5: elt run against the bare submission of the very same driver over Spark's REST API, in alternating pairs.
import { fill, median, openLine, ratioRow, rawCounts } from './line.mjs';

const pairs = 8;
const pollMs = 100;
const records = 1_000;

export async function benchOverhead(work) {
  const stamp = Date.now().toString(36);
  const ours = [];
  const bare = [];
  const counts = { lost: 0, doubled: 0 };
  for (let pair = 0; pair < pairs; pair += 1) {
    const lines = [];
    for (const kind of ['elt', 'bare']) {
      const line = await openLine(work, `bench_${kind}_${pair}_${stamp}`, { partitions: 1 });
      await fill(line, records, { recordBytes: 20 });
      lines.push(line);
    }
    const [withElt, withoutElt] = lines;
    const steps = [async () => ours.push(eltRun(withElt)), async () => bare.push(await bareSubmission(withoutElt))];
    for (const step of pair % 2 === 0 ? steps : steps.reverse()) await step();
    for (const line of lines) {
      const { lost, doubled } = await rawCounts(line, records);
      counts.lost += lost;
      counts.doubled += doubled;
      await line.close();
    }
  }
  return [ratioRow('elt run ÷ bare REST submission', ours, bare, 'ms', counts), addedRow(ours, bare, counts)];
}

/** What elt adds, in seconds. With fewer than 20 pairs the 95th percentile is the largest of them. */
function addedRow(ours, bare, counts) {
  const added = ours.map((ms, index) => (ms - bare[index]) / 1000).sort((a, b) => a - b);
  const p50 = median(added);
  const p95 = added[Math.ceil(added.length * 0.95) - 1];
  return {
    what: 'elt run − bare REST submission (s)',
    median: p50,
    min: added[0],
    max: added.at(-1),
    ours: `p50 ${Math.round(p50 * 1000)} ms, p95 ${Math.round(p95 * 1000)} ms`,
    yardstick: 'median, smallest, largest',
    ...counts,
  };
}

/** Submit to recorded final state (ms), verification apart, as the run's own record has it. */
function eltRun(line) {
  return line.run('extract').durationMs;
}

async function bareSubmission(line) {
  const { mainClass, jar, args, properties } = line.run('extract', '--dry-run').submission;
  const [rest] = line.config.spark.rest;
  const body = {
    action: 'CreateSubmissionRequest',
    clientSparkVersion: '3.5.3',
    mainClass,
    appResource: jar,
    appArgs: args.map((argument) => JSON.stringify(argument)),
    sparkProperties: properties,
    environmentVariables: {},
  };
  const startedAt = Date.now();
  const headers = { 'content-type': 'application/json' };
  const created = await (
    await fetch(`${rest}/v1/submissions/create`, { method: 'POST', headers, body: JSON.stringify(body) })
  ).json();
  if (!created.success) throw new Error(`The bare submission was refused: ${JSON.stringify(created)}`);
  for (;;) {
    const status = await (await fetch(`${rest}/v1/submissions/status/${created.submissionId}`)).json();
    if (status.driverState === 'FINISHED') return Date.now() - startedAt;
    if (['FAILED', 'ERROR', 'KILLED'].includes(status.driverState))
      throw new Error(`The bare submission ended ${status.driverState}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
