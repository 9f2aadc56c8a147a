import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { getJson, trinoStatement } from '../probes/http.js';
import { renderFile } from '../render.js';
import { host, type Service, type StackContext, type StackFacts } from '../service.js';
import { s3Environment } from './environment.js';

const confFolder = (context: StackContext) => join(context.layout.conf, 'trino');
const dataFolder = (context: StackContext) => join(context.layout.data, 'trino');
const url = (context: StackFacts) => `http://${host}:${context.ports.trino}`;
const infra = join(packageRoot, 'infra', 'trino');

/** Trino on a Java of its own, with one catalog: `lakehouse`. */
export const trino: Service = {
  name: 'trino',
  needs: [],
  uses: ['s3', 'metastore'],
  ports: ['trino'],
  version: (context) => engine(context.manifest, 'trino').version,
  endpoint: url,
  prepare: async (context) => {
    await mkdir(dataFolder(context), { recursive: true });
    const values = {
      ...context.values,
      TRINO_CONF_DIR: confFolder(context),
      TRINO_DATA_DIR: dataFolder(context),
      TRINO_PLUGIN_DIR: join(context.homes.trino, 'plugin'),
    };
    for (const name of ['config.properties', 'node.properties', 'log.properties', 'catalog/lakehouse.properties']) {
      await renderFile(join(infra, name), join(confFolder(context), name), values);
    }
  },
  command: (context) => ({
    file: join(context.homes['java-trino'], 'bin', 'java'),
    args: [
      ...jvmOptions(),
      ...callersOptions(context),
      `-Dconfig=${join(confFolder(context), 'config.properties')}`,
      `-Dlog.levels-file=${join(confFolder(context), 'log.properties')}`,
      ...nodeOptions(context),
      '-cp',
      join(context.homes.trino, 'lib', '*'),
      'io.trino.server.TrinoServer',
    ],
    environment: s3Environment(context),
  }),
  probe: async (context, signal) => {
    const info = (await getJson(`${url(context)}/v1/info`, signal)) as { starting?: boolean };
    if (info.starting !== false) throw new Error('the server is still starting');
    await trinoStatement(url(context), 'SELECT 1', signal);
  },
  readyTimeoutMs: 300_000,
  stopTimeoutMs: 20_000,
};

function jvmOptions(): string[] {
  const lines = readFileSync(join(infra, 'jvm.config'), 'utf8').split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

/** Of the caller: the JVM takes the last of two that contradict each other. */
function callersOptions({ caller }: StackContext): string[] {
  return caller.environment['ELT_STACK_TRINO_OPTIONS']?.split(/\s+/).filter((option) => option !== '') ?? [];
}

/** Trino's launcher, which is not used here, turns node.properties into system properties: so do we. */
function nodeOptions(context: StackContext): string[] {
  const lines = readFileSync(join(confFolder(context), 'node.properties'), 'utf8').split('\n');
  return lines.filter((line) => line.includes('=')).map((line) => `-D${line}`);
}
