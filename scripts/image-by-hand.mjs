// The project's own images without Docker: infra/Dockerfile's lines done by hand in clean folders, and programs started from what they make.
// Not done: apt-get, the base images and their users. Ends with exit code 0 when everything started as it should.
//   node scripts/image-by-hand.mjs
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copy, ignored, readDockerfile } from './dockerfile.mjs';
import { tryImages } from './image-trials.mjs';
import { runQuietly } from './quiet-process.mjs';
import { root } from './setup.mjs';

/** Folders of an image that lines of the Dockerfile name, longest first. */
const places = /(?<![\w/.])\/(?:opt\/elt|opt\/metastore|opt\/statsd|out)(?=[/\s"]|$)/g;

/** Builds and tries all; returns an exit code. */
export async function imageByHand() {
  const work = mkdtempSync(join(tmpdir(), 'elt-image-'));
  chmodSync(work, 0o755);
  try {
    const images = {};
    for (const stage of readDockerfile(join(root, 'infra/Dockerfile'))) images[stage.name] = await make(stage, work);
    await tryImages(images, work);
    return 0;
  } catch (error) {
    console.error(`The images by hand: ${error.message}`);
    return 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** One stage, in a folder of its own. Answers how its program is started, and from where. */
async function make({ name, from, steps }, work) {
  const folderOf = (path, stage = name) => join(work, stage, path);
  const image = { workdir: '/', entrypoint: [], user: 'root', folderOf: (path) => folderOf(path) };
  const options = { context: root, isIgnored: ignored(join(root, '.dockerignore')), folderOf };
  console.log(`${name} (instead of ${from})`);
  mkdirSync(folderOf('/'), { recursive: true });
  for (const { word, rest } of steps) {
    if (word === 'WORKDIR') image.workdir = rest;
    else if (word === 'USER') image.user = rest;
    else if (word === 'ENTRYPOINT') image.entrypoint = JSON.parse(rest);
    else if (word === 'COPY') copy(rest, { ...options, workdir: image.workdir });
    else if (word === 'RUN') await runLine(rest, name, image);
    else throw new Error(`infra/Dockerfile: ${word} is not known here`);
    if (word === 'WORKDIR') mkdirSync(folderOf(rest), { recursive: true });
  }
  return image;
}

async function runLine(text, stage, { workdir, folderOf }) {
  // The other stages' lines are about users and folders of their base images.
  if (stage !== 'build' || text.startsWith('apt-get')) return console.log(`  not done: RUN ${text}`);
  console.log(`  RUN ${text}`);
  await runQuietly(
    text.slice(0, 40),
    'sh',
    ['-ec', text.replaceAll(places, (path) => folderOf(path))],
    folderOf(workdir),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await imageByHand();
