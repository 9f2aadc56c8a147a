/** Two control planes with Redis servers of their own on one table: neither knows of the other, the table's claim decides. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openTcpProxy, type TcpProxy } from '../../src/drill/tcp-proxy.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { driverOf, Line, metadataTable, metastoreAddress, until } from './harness.js';

describe('two writers of one table', () => {
  let line: Line;
  let otherRedis: RedisServer;
  let metastore: TcpProxy;

  beforeEach(async () => {
    otherRedis = await startRedis();
    metastore = await openTcpProxy(metastoreAddress());
  });
  afterEach(async () => {
    await line.close();
    await otherRedis.close();
    await metastore.close();
  });

  // With the prefix of the first one it would be the same control plane after a loss of its Redis, and find the live run.
  const other = () => ({ ELT_REDIS_URL: otherRedis.url, ELT_REDIS_PREFIX: `${line.topic}_b` });

  const expectOnce = async (rows: number) => {
    const records = `SELECT DISTINCT kafka_partition, kafka_offset FROM ${line.raw}`;
    expect([await line.rawRows(), await line.count(`SELECT count(*) FROM (${records})`)]).toEqual([rows, rows]);
  };

  test('an EXTRACT paused inside its commit until it lost its lock and was replaced ends fenced, and its late commit changes nothing', async () => {
    line = await Line.open('fence', { extract: { mode: 'follow', commitInterval: '1s' } });
    await line.produce(numbers(0, 5_000));
    const first = line.start(['run', 'extract', '-o', 'json'], {
      ELT_CATALOG_METASTORE: `thrift://${metastore.address}`,
    });
    const zombie = await driverOf(line);
    await until('the first EXTRACT commits', async () => (await line.rawRows()) === 5_000);

    const sent = metastore.stopBefore('alter_table_with_environment_context');
    await line.produce(numbers(5_000, 7_000));
    await sent;
    process.kill(zombie, 'SIGSTOP');
    try {
      await line.produce(numbers(7_000, 10_000));
      const second = await line.elt(['run', 'extract', '--drain', '-o', 'json'], { env: other() });
      expect(JSON.parse(String(second.stdout))).toMatchObject({ state: 'succeeded', rows: 5_000 });
      const left = await snapshotsOf(line);
      // The request that the zombie had sent comes to the metastore only now, and its answer when the zombie wakes up.
      await metastore.restore();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect(await snapshotsOf(line)).toEqual(left);
      await line.produce(numbers(10_000, 10_001));
    } finally {
      process.kill(zombie, 'SIGCONT');
    }

    const ended = await first;
    expect(JSON.parse(String(ended.stdout))).toMatchObject({ state: 'fenced' });
    expect(ended.exitCode).toBe(7);
    await line.run('extract', '--drain');
    await expectOnce(10_001);
  }, 240_000);

  test('of two that follow under load the later one goes on, the earlier one ends fenced and stays so', async () => {
    line = await Line.open('rivals', { extract: { mode: 'follow', commitInterval: '1s' } });
    let produced = 0;
    const produce = async () => {
      await line.produce(numbers(produced, produced + 200));
      produced += 200;
    };
    await produce();
    const first = line.start(['run', 'extract', '-o', 'json']);
    await until('the first EXTRACT commits', async () => (await line.rawRows()) === produced);
    const second = line.start(['run', 'extract', '-o', 'json'], other());
    let isFirstOver = false;
    void first.then(() => {
      isFirstOver = true;
    });
    await until('one of them is fenced', async () => {
      await produce();
      return isFirstOver;
    });
    expect(JSON.parse(String((await first).stdout))).toMatchObject({ state: 'fenced' });
    await produce();
    await until('the other one reads on', async () => (await line.rawRows()) === produced);
    expect((await line.elt(['stop', 'extract'], { env: other() })).exitCode).toBe(0);
    expect(JSON.parse(String((await second).stdout))).toMatchObject({ state: 'stopped' });
    await expectOnce(produced);
  }, 240_000);
});

async function snapshotsOf(of: Line): Promise<string[]> {
  const rows = await of.trino.query(
    `SELECT cast(snapshot_id AS varchar) AS id FROM ${metadataTable(of.raw, 'snapshots')}`,
  );
  return rows.map((row) => String(row['id'])).sort();
}

function numbers(from: number, to: number): { value: string }[] {
  return Array.from({ length: to - from }, (_, index) => ({ value: String(from + index) }));
}
