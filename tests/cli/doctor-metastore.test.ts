/** `elt doctor` and the metastore: does it refuse commits that come too late? */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { metastoreFindings } from '../../src/cli/doctor/metastore.js';
import { loadConfig } from '../../src/commons/config.js';

const locks = 'spark.hadoop.iceberg.engine.hive.lock-enabled';
let servers: Server[] = [];

afterEach(() => {
  for (const server of servers) server.close();
  servers = [];
});

/** Answers `get_config_value` with a class; without one it hangs up. */
async function metastoreWith(store: string | null): Promise<string> {
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.on('data', () => (store === null ? client.destroy() : client.write(answer(store))));
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return `thrift://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(text: string): Buffer {
  const withLength = (value: string) => Buffer.concat([Buffer.from([0, 0, 0, value.length]), Buffer.from(value)]);
  return Buffer.concat([
    Buffer.from([0x80, 1, 0, 2]),
    withLength('get_config_value'),
    Buffer.from([0, 0, 0, 1, 11, 0, 0]),
    withLength(text),
    Buffer.from([0]),
  ]);
}

async function lateCommits(metastore: string, properties: Record<string, string> = {}) {
  const env = { ELT_CATALOG_METASTORE: metastore };
  const loaded = loadConfig({ env, cwd: '/', flags: {} });
  const config = { ...loaded, spark: { ...loaded.spark, properties } };
  const found = await metastoreFindings(config, new AbortController().signal);
  return found.find(({ name }) => name === 'late commits');
}

describe('late commits', () => {
  test('a metastore that compares is fine', async () => {
    const address = await metastoreWith('elt.metastore.ComparingStore');
    expect(await lateCommits(address)).toMatchObject({ state: 'ok', fix: null });
  });

  test('of several every one must compare: the other is named, with what to do', async () => {
    const both = [
      await metastoreWith('elt.metastore.ComparingStore'),
      await metastoreWith('org.apache.hadoop.hive.metastore.ObjectStore'),
    ];
    expect(await lateCommits(both.join(','))).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('hive.metastore.ObjectStore'),
      fix: expect.stringContaining(locks),
    });
  });

  test('one that cannot be asked is not taken for safe', async () => {
    const finding = await lateCommits(await metastoreWith(null));
    expect(finding).toMatchObject({ state: 'warning', detail: expect.stringContaining('could not be asked') });
  });

  test('with locks off the metastore is trusted to compare', async () => {
    const finding = await lateCommits(await metastoreWith(null), { [locks]: 'false' });
    expect(finding).toMatchObject({ state: 'ok', detail: expect.stringContaining(locks) });
  });
});
