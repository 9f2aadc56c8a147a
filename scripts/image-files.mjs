// For infra/Dockerfile: fetches what an image needs by the names, versions and checksums of infra/manifest.json, as the native stack does.
//   node scripts/image-files.mjs ENGINE FOLDER      ENGINE: spark-libs, metastore or statsd
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { download } from '../dist/stack/downloads.js';
import { engine, fileName, loadManifest } from '../dist/stack/manifest.js';
import { unpackStatsd } from '../dist/stack/metrics-programs.js';
import { unpackings } from '../dist/stack/unpacking.js';

const [name, folder] = process.argv.slice(2);
const manifest = loadManifest();
const progress = { report: (text) => console.log(text), signal: AbortSignal.timeout(1_800_000) };

if (folder === undefined || !(name === 'statsd' || ['spark-libs', 'metastore'].includes(name))) {
  throw new Error('usage: node scripts/image-files.mjs spark-libs|metastore|statsd FOLDER');
}
await mkdir(folder, { recursive: true });
if (name === 'statsd') {
  await unpackStatsd(manifest, folder, progress);
} else {
  const { artifacts } = engine(manifest, name);
  const downloads = await mkdtemp(join(tmpdir(), 'elt-image-'));
  await download(artifacts, downloads, progress);
  await unpackings[name].unpack(
    folder,
    artifacts.map((one) => join(downloads, fileName(one))),
  );
  await rm(downloads, { recursive: true });
}
