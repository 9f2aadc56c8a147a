/** The metastore's lock on a table: a live owner keeps it however long its commit takes, a dead owner's is gone by itself. */
import { afterEach, expect, test } from '@jest/globals';
import { openTcpProxy, type TcpProxy } from '../../src/drill/tcp-proxy.js';
import { driverOf, Line, metadataTable, metastoreAddress, until } from './harness.js';

/** Longer than the metastore's time-out of a lock without heartbeats (30 s) and its look for such locks (10 s). */
const heldMs = 50_000;

let line: Line;
let proxy: TcpProxy;

afterEach(async () => {
  await line.close();
  await proxy.close();
});

test('a held commit keeps its lock while it lives; after SIGKILL the next writer has it within 60 s', async () => {
  proxy = await openTcpProxy(metastoreAddress());
  const behindProxy = { ELT_CATALOG_METASTORE: `thrift://${proxy.address}` };
  line = await Line.open('locks', { extract: { mode: 'follow', commitInterval: '1s' } });
  await line.produce(numbers(0, 1_000));
  const first = line.start(['run', 'extract', '-o', 'json'], behindProxy);
  const owner = await driverOf(line);
  await until('the first EXTRACT commits', async () => (await line.rawRows()) === 1_000);

  const reached = proxy.stopBefore('alter_table_with_environment_context');
  await line.produce(numbers(1_000, 2_000));
  await reached;
  const changes = await changesOf(line);
  // A control plane of its own, which knows nothing of the first and waits for the lock.
  const second = line.start(['run', 'extract', '--drain', '-o', 'json'], { ELT_REDIS_PREFIX: `${line.topic}_b` });
  await new Promise((resolve) => setTimeout(resolve, heldMs));
  expect(await changesOf(line)).toBe(changes);

  // Nobody is left who would start another driver for the first run.
  first.kill('SIGKILL');
  process.kill(owner, 'SIGKILL');
  const killedAt = Date.now();
  await until('the second EXTRACT commits', async () => (await line.rawRows()) === 2_000, 60_000);
  const waitedMs = Date.now() - killedAt;
  process.stderr.write(`a dead owner's lock: the next commit came after ${(waitedMs / 1000).toFixed(1)} s\n`);
  // Sooner would mean that there was no lock, or that a live owner's would be taken as soon.
  expect(waitedMs).toBeGreaterThan(10_000);

  expect(JSON.parse(String((await second).stdout))).toMatchObject({ state: 'succeeded', rows: 1_000 });
  await first;
  const records = `SELECT DISTINCT kafka_partition, kafka_offset FROM ${line.raw}`;
  expect([await line.rawRows(), await line.count(`SELECT count(*) FROM (${records})`)]).toEqual([2_000, 2_000]);
}, 240_000);

/** How often the table's metadata was changed: claims and commits. */
async function changesOf(of: Line): Promise<number> {
  return await of.count(`SELECT count(*) FROM ${metadataTable(of.raw, 'metadata_log_entries')}`);
}

function numbers(from: number, to: number): { value: string }[] {
  return Array.from({ length: to - from }, (_, index) => ({ value: String(from + index) }));
}
