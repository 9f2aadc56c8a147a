import { once } from 'node:events';
import { connect } from 'node:net';
import type { Config } from '../../commons/config.js';
import { EltError, unreachable } from '../../commons/errors.js';
import { metastoreSetting } from '../../stack/probes/metastore.js';
import { type Finding, finding, ok } from './finding.js';

const storeSetting = 'metastore.rawstore.impl';
const comparingStore = 'elt.metastore.ComparingStore';
const locksSetting = 'spark.hadoop.iceberg.engine.hive.lock-enabled';

/** The metastore's port accepts connections, and a commit that comes too late changes nothing. */
export async function metastoreFindings(
  { catalog: { metastore }, spark: { properties } }: Config,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const addresses = metastore.split(',').map((uri) => {
    const { hostname, port } = new URL(uri.replace(/^thrift:/, 'http:'));
    return { host: hostname, port: Number(port || 9083) };
  });
  for (const { host, port } of addresses) await accepts(host, port);
  const reachable = ok('metastore', `accepts connections at ${metastore}`);
  if (properties[locksSetting] === 'false') {
    return [reachable, ok('late commits', `${locksSetting} is false: the metastore compares (Hive 4 or 2.3.10)`)];
  }
  const stores = await Promise.all(addresses.map(({ host, port }) => storeOf(host, port, signal)));
  return [reachable, lateCommits(stores)];
}

function lateCommits(stores: readonly string[]): Finding {
  const other = stores.find((store) => store !== comparingStore);
  if (other === undefined) return ok('late commits', `refused by the metastore (${comparingStore})`);
  return finding(
    'warning',
    'late commits',
    `not known to be refused by the metastore (${storeSetting}: ${other})`,
    `A driver that is paused inside a commit for longer than its lock lives may put an older version of a table back. ` +
      `Give the metastore ${comparingStore} (README, "Your own Kafka, Spark, Trino and S3"), ` +
      `or, with Hive 4 or 2.3.10, set spark.properties "${locksSetting}" to "false".`,
  );
}

/** The class that stores tables; why it cannot be told when the metastore does not speak plain Thrift. */
async function storeOf(host: string, port: number, signal: AbortSignal): Promise<string> {
  try {
    return await metastoreSetting(host, port, storeSetting, AbortSignal.any([signal, AbortSignal.timeout(5_000)]));
  } catch (error) {
    return `could not be asked, ${(error as Error).message}`;
  }
}

async function accepts(host: string, port: number): Promise<void> {
  const socket = connect({ host, port, timeout: 3_000 });
  socket.once('timeout', () => socket.destroy(new EltError('unreachable', 'no answer within 3 s')));
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw unreachable('Hive Metastore', `${host}:${port}`, error);
  } finally {
    socket.destroy();
  }
}
