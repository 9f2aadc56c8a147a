/** What every submitter must do, whatever it is made of. Each adapter's test file runs it against its own small world. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SubmissionSpec, Submitter } from '../../src/spark/submitter.js';

/** A cluster that an adapter under test talks to, and the handles to move it. */
export interface World {
  readonly submitter: Submitter;
  /** Lets the driver write to stdout (through Spark's worker or a file). */
  say(submissionId: string, text: string): Promise<void>;
  /** Ends the driver by itself. */
  end(submissionId: string, succeeds: boolean): Promise<void>;
  /** How many drivers were ever made. */
  created(): number;
  close(): Promise<void>;
}

export function specNamed(name: string): SubmissionSpec {
  return {
    name,
    mainClass: 'elt.extract.ExtractDriver',
    jar: 'file:/elt.jar',
    args: ['{"runId":"r1","sql":"SELECT \'a b\', \\"c\\" FROM raw"}'],
    properties: {
      'spark.app.name': name,
      'spark.cores.max': '2',
      'spark.elt.runs': 'elt',
      'spark.driver.extraJavaOptions': '-Da=b -Dc=d',
    },
  };
}

export function submitterContract(name: string, open: () => Promise<World>): void {
  describe(`${name} keeps the submitter contract`, () => {
    let world: World;
    const spec = specNamed('elt-extract-numbers-r1');

    beforeEach(async () => {
      world = await open();
    });

    afterEach(async () => await world.close());

    async function create(): Promise<string> {
      const outcome = await world.submitter.create(spec);
      if (outcome.outcome !== 'created') throw new Error(`not created: ${JSON.stringify(outcome)}`);
      return outcome.submissionId;
    }

    test('a created driver has a state, and ends as it ends', async () => {
      const submissionId = await create();
      expect(await world.submitter.status(submissionId)).toMatchObject({ isKnown: true, driverState: 'running' });
      await world.end(submissionId, true);
      expect(await world.submitter.status(submissionId)).toMatchObject({ isKnown: true, driverState: 'finished' });
    });

    test('a driver that fails is failed, whatever the program that submitted it exits with', async () => {
      const submissionId = await create();
      await world.end(submissionId, false);
      expect(await world.submitter.status(submissionId)).toMatchObject({ isKnown: true, driverState: 'failed' });
    });

    test('before a create nothing is found; after it the same driver is', async () => {
      const prepared = (await world.submitter.prepare(spec.name))?.driverIds ?? null;
      expect(prepared).not.toBeNull();
      expect(await world.submitter.find(spec, prepared ?? [])).toEqual({ outcome: 'absent' });
      const submissionId = await create();
      expect(await world.submitter.find(spec, prepared ?? [])).toMatchObject({ outcome: 'found', submissionId });
      expect(world.created()).toBe(1);
    });

    test('the driver of another run is not taken for ours', async () => {
      const prepared = (await world.submitter.prepare(spec.name))?.driverIds ?? null;
      await create();
      expect(await world.submitter.find(specNamed('elt-extract-numbers-r2'), prepared ?? [])).toEqual({
        outcome: 'absent',
      });
    });

    test('a finished driver is still found by its name', async () => {
      const prepared = (await world.submitter.prepare(spec.name))?.driverIds ?? null;
      const submissionId = await create();
      await world.end(submissionId, true);
      expect(await world.submitter.find(spec, prepared ?? [])).toMatchObject({ outcome: 'found', submissionId });
    });

    test('kill ends a running driver, and says so when there is none', async () => {
      const submissionId = await create();
      expect(await world.submitter.kill(submissionId, false)).toEqual({ outcome: 'requested' });
      await untilEnded(world, submissionId);
      await world.end(submissionId, false);
      expect(['not-running', 'requested']).toContain((await world.submitter.kill(submissionId, true)).outcome);
    });

    test('the log is read piece by piece, by byte offsets', async () => {
      const submissionId = await create();
      const status = await world.submitter.status(submissionId);
      const address = await world.submitter.logAddress(submissionId, status);
      expect(address).not.toBeNull();
      await world.say(submissionId, 'zéro\n');
      const first = await world.submitter.readLog(address as string, submissionId, 'stdout', 0);
      expect(first).toMatchObject({ isAvailable: true, nextOffset: 6, totalBytes: 6 });
      await world.say(submissionId, 'un\n');
      const second = await world.submitter.readLog(address as string, submissionId, 'stdout', 6);
      expect(second.isAvailable && second.bytes.toString('utf8')).toBe('un\n');
      const third = await world.submitter.readLog(address as string, submissionId, 'stdout', 9);
      expect(third).toMatchObject({ isAvailable: true, nextOffset: 9, totalBytes: 9 });
    });

    test('presence: present while it runs, absent afterwards', async () => {
      const submissionId = await create();
      const status = await world.submitter.status(submissionId);
      const address = await world.submitter.logAddress(submissionId, status);
      expect(await world.submitter.presence(submissionId, address)).toMatchObject({ verdict: 'present' });
      await world.end(submissionId, true);
      expect(await world.submitter.presence(submissionId, address)).toMatchObject({ verdict: 'absent' });
    });
  });
}

async function untilEnded(world: World, submissionId: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const status = await world.submitter.status(submissionId);
    if (status.isKnown && status.driverState !== 'running') return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the driver did not end');
}
