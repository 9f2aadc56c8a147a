// B7: what a commit, TRANSFORM's planning, a verification and elt status cost after a hundred times more snapshots, files and runs.
import { median, openLine, produceNumbers, rawCounts, verificationOf } from './line.mjs';

/** With maintenance every hour, a follow run that commits every 10 s never has more than 100 × this: 720. */
const few = 8;
const times = 100;
const rowsPerCommit = 100;
const repeats = 5;

/** As many as `elt status` shows: what it does for more of them is its reader's wish, not growth. */
const fewRuns = 20;

export async function benchGrowth(work) {
  const line = await openLine(work, `bench_growth_${Date.now().toString(36)}`, {
    partitions: 1,
    extract: { maxRowsPerCommit: rowsPerCommit },
  });
  try {
    const young = await measure(line, few, fewRuns);
    console.error(`${few * times} commits and ${fewRuns * times} runs …`);
    const old = await measure(line, few * times, fewRuns * times);
    const counts = await rawCounts(line, line.produced);
    const row = (what, of) => {
      const ratio = old[of] / young[of];
      const shown = (value) => `${Math.round(value)} ms`;
      const figures = { median: ratio, min: ratio, max: ratio, ours: shown(old[of]), yardstick: shown(young[of]) };
      return { what: `${what}, ${times} × more`, ...figures, ...counts };
    };
    return [
      row('commit', 'commitMs'),
      row('TRANSFORM claim → first commit', 'planningMs'),
      row('verification', 'verificationMs'),
      row('elt status', 'statusMs'),
    ];
  } finally {
    await line.close();
  }
}

/** Lands `commits` batches and makes `runs` runs, then measures what comes on top of them. */
async function measure(line, commits, runs) {
  await produceNumbers(line, commits * rowsPerCommit);
  const { runId } = line.run('extract');
  await copyRun(line, runId, runs);
  const committed = line.events(runId).filter((event) => event.event === 'commit' && event.rows > 0);
  line.run('transform');
  await produceNumbers(line, rowsPerCommit);
  const verification = await verificationOf(line, 'extract');
  line.run('extract');
  const verificationMs = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) verificationMs.push(await verification.increment());
  const events = line.events(line.run('transform').runId);
  const at = (name) => Date.parse(events.find((event) => event.event === name).at);
  const statusMs = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) statusMs.push(timed(() => line.elt(['status'])));
  return {
    // The first commit of a driver is a cold one.
    commitMs: median(
      committed
        .slice(1)
        .slice(-50)
        .map(({ commitMs }) => Number(commitMs)),
    ),
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
