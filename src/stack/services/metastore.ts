import { join } from 'node:path';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { metastoreAnswers } from '../probes/metastore.js';
import { renderFile } from '../render.js';
import { host, type Service, type StackContext } from '../service.js';
import { s3Environment } from './environment.js';
import { java17, smallServer } from './java.js';
import { createSchema } from './metastore-schema.js';

const confFolder = (context: StackContext) => join(context.layout.conf, 'hive');

/** Reflection that Hive 3.1.3, made for Java 8, needs on Java 17. */
const opens = ['java.lang', 'java.util', 'java.net', 'java.nio'].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
);

/** The Hive Metastore alone, without Hive. */
export const metastore: Service = {
  name: 'metastore',
  needs: ['s3', 'mariadb'],
  ports: ['metastore'],
  version: (context) => engine(context.manifest, 'metastore').version,
  endpoint: (context) => `thrift://${host}:${context.ports.metastore}`,
  prepare: async (context) => {
    const infra = join(packageRoot, 'infra', 'hive');
    await renderFile(join(infra, 'metastore-site.xml'), join(confFolder(context), 'metastore-site.xml'), {
      ...context.values,
      MARIADB_PASSWORD: context.secrets.mariadbPassword.reveal(),
    });
    await createSchema(context, java17(context), javaFlags(context));
  },
  command: (context) => ({
    file: java17(context),
    args: [
      '-Xmx384m',
      ...smallServer,
      `-Delt.bind.host=${host}`,
      ...javaFlags(context),
      'org.apache.hadoop.hive.metastore.HiveMetaStore',
      '-p',
      String(context.ports.metastore),
    ],
    environment: s3Environment(context),
  }),
  probe: (context, signal) => metastoreAnswers(host, context.ports.metastore, signal),
  readyTimeoutMs: 180_000,
  stopTimeoutMs: 20_000,
};

/** `classes` holds our own listening socket, `first` what must come before the metastore's libraries. */
function javaFlags(context: StackContext): string[] {
  const home = context.homes.metastore;
  const classPath = [confFolder(context), join(home, 'classes'), join(home, 'first', '*'), join(home, 'lib', '*')];
  const logging = join(packageRoot, 'infra', 'hive', 'metastore-log4j2.properties');
  return [...opens, `-Dlog4j.configurationFile=file:${logging}`, '-cp', classPath.join(':')];
}
