/** The start of docker-compose.yml's metastore, natively: the script, the rendered files, a MariaDB of its own. */
import { mkdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ResultPromise } from 'execa';
import { packageRoot } from '../../src/stack/layout.js';
import { metastoreAnswers } from '../../src/stack/probes/metastore.js';
import { mysqlGreeting } from '../../src/stack/probes/mysql-greeting.js';
import { createSystemTables } from '../../src/stack/services/mariadb.js';
import { freePort } from '../redis-server.js';
import { homes, RenderedConfig, retried, tools } from './rendered-config.js';

const host = '127.0.0.1';
let config: RenderedConfig;
let script: string;
let port: number;
let databasePort: number;

beforeAll(async () => {
  config = await RenderedConfig.make();
  [port, databasePort] = (await Promise.all([freePort(), freePort()])) as [number, number];
  const site = 'hive/metastore-site.xml';
  config.here(
    site,
    [
      ['mariadb:3306', `${host}:${databasePort}`],
      [/metastore:9083|(?<=<value>)9083/g, `${port}`],
      ['s3a://lakehouse', `file:${config.folder}`],
    ],
    'conf/metastore-site.xml',
  );
  config.here('hive/metastore-log4j2.properties', [], 'conf/metastore-log4j2.properties');
  const text = readFileSync(join(packageRoot, 'infra/hive/start-metastore.sh'), 'utf8')
    .replaceAll('/opt/metastore', homes.metastore)
    .replaceAll('/conf', join(config.folder, 'conf'))
    .replaceAll('9083', String(port))
    .replaceAll('0.0.0.0', host);
  script = config.write('start-metastore.sh', text);
});

afterAll(async () => await config.close());

function metastore(): ResultPromise {
  const path = `${join(tools.javaHome, 'bin')}:${process.env['PATH']}`;
  return config.start('bash', [script], { env: { PATH: path } });
}

/** MariaDB on the same data, with what it does at its start; the answer stops it. */
async function database(initialSql: string): Promise<() => Promise<string>> {
  const data = join(config.folder, 'mariadb-data');
  await createSystemTables(tools.mariadbd, data);
  const file = config.here('mariadb/my.cnf', [
    [/^bind-address = .*$/gm, `bind-address = ${host}`],
    [/^port = .*$/gm, `port = ${databasePort}`],
    [/^socket = .*$/gm, 'socket ='],
    [/\/var\/lib\/mysql/g, data],
    [/^user = .*$/gm, `user = ${userInfo().username}`],
    [/^init-file = .*$/gm, `init-file = ${config.write('init.sql', initialSql)}`],
  ]);
  const server = config.start(tools.mariadbd, [`--defaults-file=${file}`]);
  await retried(async () => await mysqlGreeting(host, databasePort, AbortSignal.timeout(2_000)));
  return async () => await end(server);
}

const rendered = () => readFileSync(join(config.folder, 'mariadb/init.sql'), 'utf8');

async function answers(): Promise<void> {
  await retried(async () => await metastoreAnswers(host, port, AbortSignal.timeout(5_000)), 150_000);
}

async function end(child: ResultPromise, signal: NodeJS.Signals = 'SIGTERM'): Promise<string> {
  child.kill(signal);
  return String((await child).all);
}

test('without a database it changes nothing, says so and ends', async () => {
  const { exitCode, all } = await metastore();
  expect([exitCode, String(all)]).toEqual([1, expect.stringContaining('nothing was changed in it')]);
  expect(String(all)).toMatch(/Connection refused|Communications link failure/);
}, 120_000);

test('an empty database gets its tables once; the second start finds them', async () => {
  mkdirSync(join(config.folder, 'warehouse'));
  const stopDatabase = await database(rendered());
  const first = metastore();
  await answers();
  expect(await end(first)).toContain('making them');
  const second = metastore();
  await answers();
  const said = await end(second);
  expect(said).not.toContain('making them');
  expect(said).toMatch(/schema version:\s*3\.1/i);
  await stopDatabase();
}, 400_000);

test('tables of which some are missing are left alone, and the way out is told', async () => {
  const half = 'DROP DATABASE metastore;\nCREATE DATABASE metastore;\nCREATE TABLE metastore.DBS (x INT);\n';
  const stopDatabase = await database(half);
  const { exitCode, all } = await metastore();
  expect([exitCode, String(all)]).toEqual([1, expect.stringContaining('docker compose exec mariadb')]);
  expect(String(all)).toContain('Schema initialization FAILED');
  await stopDatabase();
}, 200_000);
