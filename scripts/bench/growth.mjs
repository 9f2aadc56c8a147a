// B7: what a commit, TRANSFORM's planning, a verification and elt status cost after a hundred times more snapshots, files and runs.
import { bringsRows, median, openLine, produceNumbers, ratioRow, rawCounts, verificationOf } from './line.mjs';

/** With maintenance every hour, a follow run that commits every 10 s never has more than 100 × this: 720. */
const few = 8;
const times = 100;
const rowsPerCommit = 100;

/** Pairs of runs; statements and commands are repeated within each. */
const pairs = 3;
const repeats = 5;
const commitsPerRun = 6;

/** As many as `elt status` shows: what it does for more of them is its reader's wish, not growth. */
const fewRuns = 20;

export async function benchGrowth(work) {
  const id = Date.now().toString(36);
  const open = (name) =>
    openLine(work, `bench_${name}_${id}`, { partitions: 1, extract: { maxRowsPerCommit: rowsPerCommit } });
  const young = await open('young');
  const old = await open('old');
  try {
    await grow(young, few, fewRuns);
    console.error(`${few * times} commits and ${fewRuns * times} runs …`);
    await grow(old, few * times, fewRuns * times);
    const measured = { young: [], old: [] };
    for (let pair = 0; pair < pairs; pair += 1) {
      measured.young.push(await measure(young));
      measured.old.push(await measure(old));
    }
    const counts = [await rawCounts(young, young.produced), await rawCounts(old, old.produced)];
    const both = { lost: counts[0].lost + counts[1].lost, doubled: counts[0].doubled + counts[1].doubled };
    const row = (what, key) => {
      const [ours, theirs] = [measured.old, measured.young].map((all) => all.map((one) => one[key]));
      return ratioRow(`${what}, ${times} × more`, ours, theirs, 'ms', both);
    };
    return [
      row('commit', 'commitMs'),
      row('TRANSFORM claim → first commit', 'planningMs'),
      row('verification', 'verificationMs'),
      row('elt status', 'statusMs'),
    ];
  } finally {
    await young.close();
    await old.close();
  }
}

/** Lands `commits` batches and makes `runs` runs of it. */
async function grow(line, commits, runs) {
  await produceNumbers(line, commits * rowsPerCommit);
  const { runId } = line.run('extract');
  await copyRun(line, runId, runs);
  line.run('transform');
}

/** What comes on top of what is there. */
async function measure(line) {
  const verification = await verificationOf(line, 'extract');
  await produceNumbers(line, commitsPerRun * rowsPerCommit);
  const { runId } = line.run('extract');
  const commits = line.events(runId).filter(bringsRows);
  const verificationMs = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) verificationMs.push(await verification.increment());
  const events = line.events(line.run('transform').runId);
  const at = (name) => Date.parse(events.find((event) => event.event === name).at);
  const statusMs = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) statusMs.push(timed(() => line.elt(['status'])));
  return {
    // The first commit of a driver is a cold one.
    commitMs: median(commits.slice(1).map(({ commitMs }) => Number(commitMs))),
    planningMs: at('commit') - at('claimed'),
    verificationMs: median(verificationMs),
    statusMs: median(statusMs),
  };
}

/** More runs in Redis, as they are after months. */
async function copyRun(line, runId, copies) {
  const { store, redis } = await line.runs();
  try {
    const { run } = await store.get(runId);
    for (let copy = 0; copy < copies; copy += 1) {
      const id = `20260101t000000-${String(copy).padStart(6, '0')}`;
      await store.import({ ...run, runId: id }, false, { evidence: 'a copy for a measurement' });
      // Only a run that goes on is imported otherwise.
      await redis.srem(`${line.name}:open`, id);
    }
  } finally {
    redis.disconnect();
  }
}

function timed(action) {
  const startedAt = performance.now();
  action();
  return performance.now() - startedAt;
}
