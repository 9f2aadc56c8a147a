import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { outcomeOf, sparkSubmitClusterSubmitter } from '../../src/spark/spark-submit.js';
import { FakeMaster } from './fake-master.js';
import { type FakeSparkHome, fakeSparkHome, submitsTo } from './fake-spark-submit.js';
import { specNamed, submitterContract, type World } from './submitter-contract.js';

async function openWorld(): Promise<World> {
  const master = await FakeMaster.start();
  const spark = fakeSparkHome();
  spark.behave(submitsTo(master.addresses.rest[0] as string));
  const driver = (id: string) => {
    const found = master.drivers.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no driver ${id}`);
    return found;
  };
  return {
    submitter: sparkSubmitClusterSubmitter({ ...master.addresses, home: spark.home, env: process.env }),
    say: async (id, text) => {
      driver(id).stdout += text;
    },
    end: async (id, succeeds) => {
      driver(id).state = succeeds ? 'FINISHED' : 'FAILED';
    },
    created: () => master.bodies.length,
    close: async () => {
      await master.close();
      spark.close();
    },
  };
}

const unable = 'Exception in thread "main" ...SubmitRestConnectionException: Unable to connect to server';

submitterContract('spark-submit in cluster mode', openWorld);

describe('spark-submit in cluster mode', () => {
  const spec = specNamed('elt-extract-numbers-r1');
  let master: FakeMaster;
  let spark: FakeSparkHome;
  const submitter = () => sparkSubmitClusterSubmitter({ ...master.addresses, home: spark.home, env: process.env });

  beforeEach(async () => {
    master = await FakeMaster.start();
    spark = fakeSparkHome();
  });

  afterEach(async () => {
    await master.close();
    spark.close();
  });

  test('what Spark gets is what was asked for', async () => {
    spark.behave(submitsTo(master.addresses.rest[0] as string));
    expect(await submitter().create(spec)).toMatchObject({ outcome: 'created' });
    const { 'spark.master.rest.enabled': isRest, ...properties } = master.bodies[0]?.sparkProperties ?? {};
    expect(isRest).toBe('true');
    expect(properties).toEqual(spec.properties);
    expect(master.bodies[0]?.appArgs).toEqual(spec.args);
  });

  test('exit code 0 with a rejected submission is a refusal', async () => {
    master.createMode = 'refuse';
    spark.behave(submitsTo(master.addresses.rest[0] as string));
    expect(await submitter().create(spec)).toMatchObject({ outcome: 'refused', isPermanent: false });
  });

  test('a program that says nothing leaves it open; the driver is looked for', async () => {
    spark.behave('exit 0');
    expect(await submitter().create(spec)).toMatchObject({ outcome: 'uncertain' });
  });

  test('no spark-submit at all is refused for good', async () => {
    const nowhere = sparkSubmitClusterSubmitter({ ...master.addresses, home: '/nowhere', env: process.env });
    expect(await nowhere.create(spec)).toMatchObject({ outcome: 'refused', isPermanent: true });
    const unset = sparkSubmitClusterSubmitter({ ...master.addresses, home: undefined, env: process.env });
    await expect(unset.create(spec)).rejects.toThrow(/spark\.home/);
  });

  test('a wrong option is refused for good, a dead master is not', () => {
    expect(outcomeOf("Error: Unrecognized option '--x'.", 1)).toMatchObject({ outcome: 'refused', isPermanent: true });
    const dead = `${unable}\nCaused by: java.net.ConnectException: Connection refused`;
    expect(outcomeOf(dead, 1)).toMatchObject({ outcome: 'refused', isPermanent: false });
  });

  test('what may be a lost answer is no refusal', () => {
    const lost = `${unable}\nCaused by: ...SubmitRestConnectionException: No response from server`;
    expect(outcomeOf(lost, 1)).toMatchObject({ outcome: 'uncertain' });
    const second = `WARN RestSubmissionClient: Unable to connect to server spark://a:6066.\n${unable}\nCaused by: java.net.ConnectException: Connection refused`;
    expect(outcomeOf(second, 1, 2)).toMatchObject({ outcome: 'uncertain' });
    const standby = 'WARN RestSubmissionClient: Unable to connect to server spark://a:6066.\n{ "success" : false }';
    expect(outcomeOf(standby, 0, 2)).toMatchObject({ outcome: 'uncertain' });
  });

  test('a request that may be sent late is waited for longer than spark-submit may take', () => {
    expect(submitter().requestMayArriveMs).toBeGreaterThan(60_000);
  });

  test('held up before it starts: nothing is sent', async () => {
    spark.behave(submitsTo(master.addresses.rest[0] as string));
    expect(await submitter().create(spec, undefined, () => false)).toMatchObject({ outcome: 'refused' });
    expect(master.bodies).toHaveLength(0);
  });
});
