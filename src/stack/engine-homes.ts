import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { download, type Progress } from './downloads.js';
import { withLock } from './file-lock.js';
import { type Artifact, engine, fileName, homeName, type Manifest } from './manifest.js';
import { type UnpackedEngine, unpackings } from './unpacking.js';

/** Where each engine is unpacked. */
export type EngineHomes = Readonly<Record<UnpackedEngine, string>>;

/** Where each engine is, or will be, in the cache. */
export function engineHomes(manifest: Manifest, cache: string): EngineHomes {
  const names = Object.keys(unpackings) as UnpackedEngine[];
  return Object.fromEntries(
    names.map((name) => [name, join(cache, 'engines', homeName(manifest, name, unpackings[name].layout))]),
  ) as Record<UnpackedEngine, string>;
}

/**
 * Makes sure that every engine is unpacked in the cache, downloading what is missing. Safe to run twice at once; an engine's
 * folder appears complete or not at all.
 */
export async function prepareEngines(manifest: Manifest, cache: string, progress: Progress): Promise<EngineHomes> {
  const names = Object.keys(unpackings) as UnpackedEngine[];
  const homes = engineHomes(manifest, cache);
  const missing = async () =>
    (await Promise.all(names.map(async (n) => ((await isFolder(homes[n])) ? [] : [n])))).flat();
  if ((await missing()).length === 0) return homes;
  const wait = () => progress.report('Another set-up is preparing the engines: waiting for it');
  await withLock(join(cache, 'engines.lock'), wait, async () => {
    const wanted = await missing();
    await fetchAndUnpack(manifest, wanted, homes, cache, progress);
  });
  return homes;
}

async function fetchAndUnpack(
  manifest: Manifest,
  names: readonly UnpackedEngine[],
  homes: EngineHomes,
  cache: string,
  progress: Progress,
): Promise<void> {
  const downloads = join(cache, 'downloads');
  await removeLeftovers(join(cache, 'engines'));
  await removeLeftovers(downloads);
  const artifactsOf = (name: UnpackedEngine): Artifact[] => engine(manifest, name).artifacts;
  await download(names.flatMap(artifactsOf), downloads, progress);
  for (const name of names) {
    progress.signal.throwIfAborted();
    progress.report(`Unpacking ${name} ${engine(manifest, name).version}`);
    const files = artifactsOf(name).map((one) => join(downloads, fileName(one)));
    const temporary = await mkdtemp(join(cache, 'engines', '.unpacking-'));
    await chmod(temporary, 0o755);
    await unpackings[name].unpack(temporary, files);
    await rename(temporary, homes[name]);
    await dropArchives(artifactsOf(name), downloads);
  }
}

/** Removes what an interrupted set-up left. Only called under the lock. */
async function removeLeftovers(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (name.startsWith('.')) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Maven keeps its own copy of an archive; ours has served once it is unpacked. */
async function dropArchives(artifacts: readonly Artifact[], downloads: string): Promise<void> {
  for (const artifact of artifacts) {
    const name = fileName(artifact);
    if ('maven' in artifact && !name.endsWith('.jar')) await rm(join(downloads, name), { force: true });
  }
}
