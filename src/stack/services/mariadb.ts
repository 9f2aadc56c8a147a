import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { EltError } from '../../commons/errors.js';
import { exists, writeAtomically } from '../files.js';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { metastoreDatabaseSql } from '../metastore-database.js';
import { mysqlGreeting } from '../probes/mysql-greeting.js';
import { renderFile } from '../render.js';
import { runTool } from '../run-tool.js';
import { host, type Service, type StackContext } from '../service.js';
import { schemaMarker } from './metastore-schema.js';

const conf = (context: StackContext, name: string) => join(context.layout.conf, 'mariadb', name);
const dataFolder = (context: StackContext) => join(context.layout.data, 'mariadb');

/** MariaDB, the metastore's database. */
export const mariadb: Service = {
  name: 'mariadb',
  needs: [],
  ports: ['mariadb'],
  version: (context) => engine(context.manifest, 'mariadb').version,
  endpoint: (context) => `${host}:${context.ports.mariadb}`,
  prepare: async (context) => {
    await createSystemTables(context.tools.mariadbd, dataFolder(context));
    await writeAtomically(conf(context, 'init.sql'), await initSql(context), 0o600);
    await renderFile(join(packageRoot, 'infra', 'mariadb', 'my.cnf'), conf(context, 'my.cnf'), {
      ...context.values,
      MARIADB_SOCKET: '',
      MARIADB_DATA_DIR: dataFolder(context),
      MARIADB_INIT_FILE: conf(context, 'init.sql'),
      MARIADB_USER: userInfo().username,
    });
  },
  command: (context) => ({ file: context.tools.mariadbd, args: [`--defaults-file=${conf(context, 'my.cnf')}`] }),
  probe: async (context, signal) => {
    await mysqlGreeting(host, context.ports.mariadb, signal);
  },
  readyTimeoutMs: 120_000,
  stopTimeoutMs: 30_000,
};

/**
 * What every start makes sure of: the metastore's database and its user, with the password of this stack folder. A database
 * whose schema was not completed was never in service and is made anew.
 */
async function initSql(context: StackContext): Promise<string> {
  const isComplete = await exists(schemaMarker(context));
  const wanted = metastoreDatabaseSql(context.secrets.mariadbPassword.reveal(), ['localhost', '127.0.0.1']);
  return [...(isComplete ? [] : ['DROP DATABASE IF EXISTS metastore;']), wanted].join('\n');
}

/**
 * Makes the system tables in a new data folder, as mariadb-install-db does (which Debian packages apart from a program that it
 * needs). No anonymous users: they would shadow `hive`.
 */
export async function createSystemTables(mariadbd: string, data: string): Promise<void> {
  if (await exists(data)) return;
  const temporary = `${data}.new`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  const share = await sharedFolder(mariadbd);
  const names = [
    'mysql_system_tables',
    'mysql_performance_tables',
    'mysql_system_tables_data',
    'maria_add_gis_sp_bootstrap',
  ];
  const scripts = await Promise.all(names.map((name) => readFile(join(share, `${name}.sql`), 'utf8')));
  const input = [
    'create database if not exists mysql;',
    'use mysql;',
    `set @auth_root_socket='${userInfo().username}';`,
    ...scripts,
    "delete from mysql.global_priv where User='';",
    '',
  ].join('\n');
  const user = userInfo().uid === 0 ? ['--user=root'] : [];
  const options = ['--no-defaults', ...user, '--bootstrap', `--datadir=${temporary}`, '--log-warnings=0'];
  const storage = ['--enforce-storage-engine=', '--max_allowed_packet=8M', '--net_buffer_length=16K'];
  await runTool(mariadbd, [...options, ...storage, `--innodb-log-file-size=32M`], { input });
  await rename(temporary, data);
}

/** The folder with MariaDB's bootstrap scripts, which belongs to the program's installation. */
async function sharedFolder(mariadbd: string): Promise<string> {
  const prefix = dirname(dirname(mariadbd));
  for (const name of ['mysql', 'mariadb']) {
    const folder = join(prefix === '/' ? '/usr' : prefix, 'share', name);
    const isThere = await exists(join(folder, 'mysql_system_tables.sql'));
    if (isThere) return folder;
  }
  throw new EltError(
    'missing-tool',
    `MariaDB's mysql_system_tables.sql is not in ${prefix}/share/mysql or ${prefix}/share/mariadb.`,
    {
      hint: 'sudo apt-get install --no-install-recommends mariadb-server-core',
    },
  );
}
