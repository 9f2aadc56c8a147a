import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { restSubmitter } from '../../src/spark/spark-rest.js';
import { FakeMaster } from './fake-master.js';
import { specNamed, submitterContract, type World } from './submitter-contract.js';

async function openWorld(): Promise<World> {
  const master = await FakeMaster.start();
  const driver = (id: string) => {
    const found = master.drivers.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no driver ${id}`);
    return found;
  };
  return {
    submitter: restSubmitter(master.addresses),
    say: async (id, text) => {
      driver(id).stdout += text;
    },
    end: async (id, succeeds) => {
      driver(id).state = succeeds ? 'FINISHED' : 'FAILED';
    },
    created: () => master.bodies.length,
    close: async () => await master.close(),
  };
}

submitterContract('spark-rest', openWorld);

describe('what a Spark master may do to the REST submitter', () => {
  const spec = specNamed('elt-extract-numbers-r1');
  let master: FakeMaster;
  const submitter = () => restSubmitter(master.addresses);

  beforeEach(async () => {
    master = await FakeMaster.start();
  });

  afterEach(async () => await master.close());

  test('the request is as Spark wants it, without any environment variable', async () => {
    await submitter().create(spec);
    expect(master.bodies).toEqual([
      expect.objectContaining({
        action: 'CreateSubmissionRequest',
        appResource: 'file:/elt.jar',
        mainClass: spec.mainClass,
        appArgs: spec.args,
        environmentVariables: {},
        sparkProperties: spec.properties,
      }),
    ]);
  });

  test('a standby master passes the request on to the next one', async () => {
    const second = await FakeMaster.start();
    master.status = 'STANDBY';
    const both = restSubmitter({
      rest: [...master.addresses.rest, ...second.addresses.rest],
      ui: [...master.addresses.ui, ...second.addresses.ui],
    });
    const outcome = await both.create(spec);
    expect(outcome.outcome).toBe('created');
    expect([master.bodies.length, second.bodies.length]).toEqual([0, 1]);
    const submissionId = outcome.outcome === 'created' ? outcome.submissionId : '';
    expect(await both.status(submissionId)).toMatchObject({ isKnown: true, driverState: 'running' });
    expect(await both.kill(submissionId, false)).toEqual({ outcome: 'requested' });
    await second.close();
  });

  test('only standby masters: surely not created, ask again', async () => {
    master.status = 'RECOVERING';
    expect(await submitter().create(spec)).toMatchObject({ outcome: 'refused', isPermanent: false });
    expect(await submitter().status('driver-1')).toMatchObject({ isKnown: false, reason: 'unreachable' });
    expect(await submitter().prepare('x')).toBeNull();
  });

  test('nobody listens: surely not created, with the address', async () => {
    const { rest, ui } = master.addresses;
    await master.close();
    const gone = restSubmitter({ rest, ui });
    const outcome = await gone.create(spec);
    expect(outcome).toMatchObject({ outcome: 'refused', isPermanent: false });
    expect(JSON.stringify(outcome)).toContain(`${rest[0]}: connection refused`);
    expect(await gone.status('driver-1')).toMatchObject({ isKnown: false, reason: 'unreachable' });
    expect(await gone.find(spec, [])).toMatchObject({ outcome: 'uncertain' });
    expect(await gone.kill('driver-1', false)).toMatchObject({ outcome: 'unreachable' });
    expect(await gone.presence('driver-1', null)).toMatchObject({ verdict: 'unknown' });
  });

  test('asked after the abort, nothing is sent and nothing is left to fail later', async () => {
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', note);
    try {
      const stopping = AbortSignal.abort(new Error('stopping'));
      await expect(submitter().create(spec, stopping)).rejects.toThrow('stopping');
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect([master.bodies.length, uncaught]).toEqual([0, []]);
    } finally {
      process.off('uncaughtException', note);
    }
  });

  test('an answer that is lost is uncertain, and the driver is found afterwards', async () => {
    const prepared = (await submitter().prepare('x'))?.driverIds ?? [];
    master.createMode = 'drop-answer';
    expect(await submitter().create(spec)).toMatchObject({ outcome: 'uncertain' });
    expect(await submitter().find(spec, prepared)).toMatchObject({ outcome: 'found' });
  });

  test('a malformed request is refused for good, an error page is uncertain', async () => {
    master.createMode = 'malformed';
    expect(await submitter().create(spec)).toMatchObject({ outcome: 'refused', isPermanent: true });
    master.createMode = 'error-page';
    expect(await submitter().create(spec)).toMatchObject({ outcome: 'uncertain' });
  });

  test('an unknown id is forgotten, not failed', async () => {
    expect(await submitter().status('driver-unknown')).toMatchObject({ isKnown: false, reason: 'forgotten' });
  });

  test('an odd or missing driver state means ask again', async () => {
    const outcome = await submitter().create(spec);
    for (const state of ['', 'PERPLEXED']) {
      const [driver] = master.drivers;
      if (driver !== undefined) driver.state = state;
      const submissionId = outcome.outcome === 'created' ? outcome.submissionId : '';
      expect(await submitter().status(submissionId)).toMatchObject({ isKnown: false, reason: 'odd-answer' });
    }
  });

  test('a driver without a worker cannot be told apart yet; once it has one it can', async () => {
    const prepared = (await submitter().prepare('x'))?.driverIds ?? [];
    master.hasCores = false;
    await submitter().create(spec);
    expect(await submitter().find(spec, prepared)).toMatchObject({ outcome: 'uncertain' });
    const [driver] = master.drivers;
    if (driver !== undefined) Object.assign(driver, { state: 'RUNNING', hasWorker: true });
    expect(await submitter().find(spec, prepared)).toMatchObject({ outcome: 'found' });
  });

  test('drivers that were there before, and drivers of another main class, are not ours', async () => {
    await submitter().create(spec);
    const prepared = (await submitter().prepare('x'))?.driverIds ?? [];
    await submitter().create({ ...spec, mainClass: 'elt.transform.TransformDriver' });
    expect(await submitter().find(spec, prepared)).toEqual({ outcome: 'absent' });
  });

  test('what a run waits for is said in words', async () => {
    master.hasCores = false;
    const outcome = await submitter().create(spec);
    const submissionId = outcome.outcome === 'created' ? outcome.submissionId : '';
    expect(await submitter().waitingFor(spec, submissionId)).toMatch(
      /^WAITING for a Spark worker with enough free cores/,
    );
    const [driver] = master.drivers;
    if (driver !== undefined) driver.state = 'RUNNING';
    master.applications.push({ id: 'app-1', name: spec.name, state: 'WAITING' });
    expect(await submitter().waitingFor(spec, submissionId)).toMatch(/^WAITING for executors.*0 of 4 cores/);
    master.applications.length = 0;
    expect(await submitter().waitingFor(spec, submissionId)).toBeNull();
  });

  test('a worker that does not answer leaves presence open', async () => {
    const outcome = await submitter().create(spec);
    const submissionId = outcome.outcome === 'created' ? outcome.submissionId : '';
    master.isWorkerUp = false;
    expect(await submitter().presence(submissionId, null)).toMatchObject({ verdict: 'unknown' });
  });

  test('a server that takes a request and never answers is left after seconds', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const outcome = await restSubmitter({ rest: [url], ui: [url] }).create(spec);
    expect(outcome).toMatchObject({ outcome: 'uncertain', detail: expect.stringContaining('no answer') });
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  }, 15_000);
});
