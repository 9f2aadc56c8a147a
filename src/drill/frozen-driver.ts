import { EltError } from '../commons/errors.js';
import { sleep } from '../commons/retry.js';
import { isFinal } from '../pipeline/run.js';
import type { Fault, FaultWorld } from './fault.js';
import { driversOf } from './processes.js';
import { between } from './random.js';

const fencedWithinMs = 120_000;
const replacedWithinMs = 300_000;
const goneWithinMs = 60_000;

/**
 * A driver that is paused longer than anybody's patience: a second control plane, which knows nothing of the first, replaces it and goes
 * on. When it wakes up it must find itself fenced.
 */
export const frozenAndReplaced: Fault = {
  name: 'driver-frozen',
  describe: 'the driver of EXTRACT is frozen, replaced by another control plane, and wakes up',
  leavesExtract: false,
  mostDrivers: 2,
  inject: async (world) => {
    const { line, random, signal } = world;
    const [zombie] = driversOf('extract', line.name);
    if (zombie === undefined) throw failed('There is no driver of extract to freeze.');
    const before = await activeExtract(world);
    process.kill(zombie, 'SIGSTOP');
    try {
      const second = await line.elt(['run', 'extract', '--drain'], {
        prefix: '_second',
        timeoutMs: replacedWithinMs,
        signal,
      });
      if (second.exitCode !== 0) throw failed(`The second control plane could not drain:\n${second.stderr}`);
      await sleep(between(random, 0, 2_000), signal);
    } finally {
      process.kill(zombie, 'SIGCONT');
    }
    await untilFenced(world, before);
    await untilGone(world);
    await line.follow('extract', signal);
  },
};

async function activeExtract({ line, signal }: FaultWorld): Promise<string> {
  const runs = (await line.runs(signal)) ?? [];
  const active = runs.find(({ stage, state }) => stage === 'extract' && !isFinal(state));
  if (active === undefined) throw failed('No run of extract is active.');
  return active.runId;
}

async function untilFenced({ line, signal }: FaultWorld, runId: string): Promise<void> {
  for (const deadline = Date.now() + fencedWithinMs; Date.now() < deadline; await sleep(500, signal)) {
    signal.throwIfAborted();
    const run = (await line.runs(signal))?.find((one) => one.runId === runId);
    if (run?.state === 'fenced') return;
    if (run !== undefined && isFinal(run.state)) throw failed(`The frozen driver ended ${run.state}, not fenced.`);
  }
  throw failed(`The frozen driver was not fenced within ${fencedWithinMs / 1_000} s.`);
}

/** A JVM whose last word was heard may take seconds to end: only then nobody is counted twice. */
async function untilGone({ line, signal }: FaultWorld): Promise<void> {
  for (const deadline = Date.now() + goneWithinMs; Date.now() < deadline; await sleep(200, signal)) {
    if (driversOf('extract', line.name).length === 0) return;
  }
  throw failed(`Ended drivers were still there after ${goneWithinMs / 1_000} s.`);
}

function failed(message: string): EltError {
  return new EltError('drill-failed', message, { kind: 'external' });
}
