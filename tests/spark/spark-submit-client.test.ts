import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { sparkSubmitClientSubmitter } from '../../src/spark/spark-submit-client.js';
import type { Submitter } from '../../src/spark/submitter.js';
import { type FakeSparkHome, fakeSparkHome } from './fake-spark-submit.js';
import { specNamed, submitterContract, type World } from './submitter-contract.js';

/** Runs until told how to end. */
const patientDriver = (folder: string) => `while :; do
  [ -e '${folder}/succeed' ] && exit 0
  [ -e '${folder}/fail' ] && exit 1
  sleep 0.02
done`;

interface ClientWorld extends World {
  readonly folder: string;
  readonly spark: FakeSparkHome;
}

async function openWorld(): Promise<ClientWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'elt-client-'));
  const control = mkdtempSync(join(tmpdir(), 'elt-client-control-'));
  const spark = fakeSparkHome();
  spark.behave(patientDriver(control));
  const options = {
    home: spark.home,
    masters: ['spark://127.0.0.1:1'],
    ui: ['http://127.0.0.1:1'],
    folder,
    env: process.env,
  };
  const submitter = sparkSubmitClientSubmitter(options);
  const ids = new Set<string>();
  const remembering: Submitter = {
    ...submitter,
    create: async (spec) => {
      const outcome = await submitter.create(spec);
      if (outcome.outcome === 'created') ids.add(outcome.submissionId);
      return outcome;
    },
  };
  return {
    folder,
    spark,
    submitter: remembering,
    say: async (id, text) => appendFileSync(join(folder, id.split(':').at(-1) as string, 'stdout'), text),
    end: async (id, succeeds) => {
      writeFileSync(join(control, succeeds ? 'succeed' : 'fail'), '');
      await untilEnded(submitter, id);
    },
    created: () => readdirSync(folder).length,
    close: async () => {
      for (const id of ids) {
        await submitter.kill(id, true);
        await untilEnded(submitter, id);
      }
      for (const one of [folder, control]) rmSync(one, { recursive: true, force: true });
      spark.close();
    },
  };
}

async function untilEnded(submitter: Submitter, id: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const status = await submitter.status(id);
    if (status.isKnown && status.driverState !== 'running') return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${id} did not end`);
}

submitterContract('spark-submit in client mode', openWorld);

describe('spark-submit in client mode', () => {
  const spec = specNamed('elt-extract-numbers-r1');
  let world: ClientWorld;

  beforeEach(async () => {
    world = await openWorld();
  });

  afterEach(async () => await world.close());

  async function create(): Promise<string> {
    const outcome = await world.submitter.create(spec);
    if (outcome.outcome !== 'created') throw new Error(JSON.stringify(outcome));
    return outcome.submissionId;
  }

  test('creating twice starts one process: the folder of its name is taken', async () => {
    const first = await create();
    expect(await create()).toBe(first);
  });

  test('SIGTERM reaches the driver, which may take its time; its exit code counts', async () => {
    world.spark.behave(`trap 'sleep 0.3; echo stopped; exit 0' TERM; echo up; while :; do sleep 0.02; done`);
    const id = await create();
    const folder = join(world.folder, spec.name);
    await untilSays(world.submitter, id, folder, 'up');
    await world.submitter.kill(id, false);
    await untilEnded(world.submitter, id);
    expect(await world.submitter.status(id)).toMatchObject({ isKnown: true, driverState: 'finished' });
    await untilSays(world.submitter, id, folder, 'stopped');
  });

  test('a driver that ignores SIGTERM ends with a hard kill', async () => {
    world.spark.behave(`trap '' TERM; echo up; while :; do sleep 0.02; done`);
    const id = await create();
    await untilSays(world.submitter, id, join(world.folder, spec.name), 'up');
    await world.submitter.kill(id, false);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await world.submitter.status(id)).toMatchObject({ driverState: 'running' });
    await world.submitter.kill(id, true);
    await untilEnded(world.submitter, id);
    expect(await world.submitter.status(id)).toMatchObject({
      driverState: 'failed',
      message: 'the process was killed',
    });
  });

  test('the driver leads a session of its own: no signal to whoever submitted it reaches it', async () => {
    const pid = (await create()).split(':')[2] as string;
    const { stdout } = await execa('ps', ['-o', 'sid=,pgid=,pid=', '-p', pid]);
    expect(stdout.trim().split(/\s+/)).toEqual([pid, pid, pid]);
  });

  test('a folder that was made, but never used, makes room after a while', async () => {
    const folder = join(world.folder, spec.name);
    mkdirSync(folder);
    expect(await world.submitter.find(spec, [])).toMatchObject({ outcome: 'uncertain' });
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(folder, longAgo, longAgo);
    expect(await world.submitter.find(spec, [])).toEqual({ outcome: 'absent' });
    expect(existsSync(folder)).toBe(false);
  });

  test('a pid that belongs to another process now is not the driver', async () => {
    const foreign = `client:${(await create()).split(':')[1]}:${process.pid}:1:${specNamed('gone').name}`;
    expect(await world.submitter.status(foreign)).toMatchObject({ isKnown: true, driverState: 'failed' });
  });

  test('a driver on another host cannot be asked for here', async () => {
    const elsewhere = 'client:other-host:1:1:elt-extract-numbers-r1';
    expect(await world.submitter.status(elsewhere)).toMatchObject({ isKnown: false, reason: 'unreachable' });
    expect(await world.submitter.kill(elsewhere, false)).toMatchObject({ outcome: 'unreachable' });
    expect(await world.submitter.presence(elsewhere, null)).toMatchObject({ verdict: 'unknown' });
  });
});

async function untilSays(submitter: Submitter, id: string, folder: string, word: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const chunk = await submitter.readLog(folder, id, 'stdout', 0);
    if (chunk.isAvailable && chunk.bytes.toString().includes(word)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the driver never said ${word}`);
}
