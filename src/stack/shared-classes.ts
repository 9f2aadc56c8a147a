import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Progress } from './downloads.js';
import type { EngineHomes } from './engine-homes.js';
import { withLock } from './file-lock.js';
import { packageRoot } from './layout.js';
import { runTool } from './run-tool.js';

/** What lets Spark's JVMs map the classes that a run needs, instead of reading and verifying 17,000 of them from jars. */
export interface SharedClasses {
  /** The archive (JDK class data sharing); null when it could not be made: everything works without it, only slower. */
  readonly archive: string | null;
  /**
   * `SPARK_CONF_DIR` of the Spark worker. Spark puts it into the class path of drivers and executors, where class data sharing
   * wants the same folder each time, with nothing in it.
   */
  readonly confFolder: string;
}

/** Which classes drivers and executors load: recorded by `scripts/record-classes.mjs`. */
const classList = join(packageRoot, 'infra', 'spark', 'loaded-classes.txt.gz');
const archiveName = 'classes.jsa';
/** Says why there is no archive, so that it is not tried again at every start. */
const refusalName = 'no-archive.txt';

/**
 * Makes the archive in the cache unless it is there. It belongs to one Java, one Spark and one set of libraries: the JVM ignores
 * an archive that does not fit.
 */
export async function prepareSharedClasses(
  homes: EngineHomes,
  cache: string,
  javaHome: string,
  progress: Progress,
): Promise<SharedClasses> {
  const list = readFileSync(classList);
  const home = join(cache, 'engines', `spark-classes-${digestOf(homes, javaHome, list)}`);
  const isDone = () => existsSync(join(home, archiveName)) || existsSync(join(home, refusalName));
  if (!isDone()) {
    const wait = () => progress.report('Another set-up is archiving the classes of Spark: waiting for it');
    await withLock(join(cache, 'engines.lock'), wait, async () => {
      if (!isDone()) await makeArchive(home, homes, javaHome, gunzipSync(list), progress);
    });
  }
  const archive = join(home, archiveName);
  return { archive: existsSync(archive) ? archive : null, confFolder: join(home, 'conf') };
}

/** The class path that the JVM checks holds the final folder's name: the folder is made in place and the archive appears whole. */
async function makeArchive(
  home: string,
  homes: EngineHomes,
  javaHome: string,
  list: Buffer,
  progress: Progress,
): Promise<void> {
  progress.report('Archiving the classes of Spark for quick starts of drivers (once, some 20 s)');
  const temporary = await mkdtemp(join(home, '..', '.classes-'));
  const conf = join(home, 'conf');
  try {
    const listFile = join(temporary, 'classes.txt');
    await writeFile(listFile, list);
    await mkdir(conf, { recursive: true });
    const archive = join(temporary, archiveName);
    await runTool(
      join(javaHome, 'bin', 'java'),
      [
        '-Xshare:dump',
        '-Xmx1g',
        '-Xlog:cds=error,cds+heap=error',
        `-XX:SharedClassListFile=${listFile}`,
        `-XX:SharedArchiveFile=${archive}`,
        '-cp',
        sparkClassPath(homes, conf),
      ],
      { signal: progress.signal },
    );
    await rename(archive, join(home, archiveName));
  } catch (error) {
    progress.signal.throwIfAborted();
    await writeFile(join(home, refusalName), (error as Error).message);
    progress.report(`No archive of classes: drivers start more slowly (${(error as Error).message})`);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** As Spark's worker builds it for drivers and executors: extraClassPath, SPARK_CONF_DIR, its own jars. */
function sparkClassPath(homes: EngineHomes, conf: string): string {
  return [join(homes['spark-libs'], '*'), `${conf}/`, join(homes.spark, 'jars', '*')].join(':');
}

function digestOf(homes: EngineHomes, javaHome: string, list: Buffer): string {
  const java = readFileSync(join(javaHome, 'release'), 'utf8');
  const engines = `${basename(homes.spark)} ${basename(homes['spark-libs'])}`;
  return createHash('sha256').update(`${java}\n${engines}\n`).update(list).digest('hex').slice(0, 10);
}
