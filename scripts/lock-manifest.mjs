// For maintainers, after a version in infra/manifest.json was changed: fetches every artifact by Maven and pip and writes the
// checksums and sizes that were found into the manifest. Look at the difference before you commit it.
//   npm run build && node scripts/lock-manifest.mjs
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const file = join(root, 'infra/manifest.json');
const { fetchArtifacts, sha256Of } = await import(join(root, 'dist/stack/downloads.js'));
const { fileName } = await import(join(root, 'dist/stack/manifest.js'));

const manifest = JSON.parse(readFileSync(file, 'utf8'));
const artifacts = Object.values(manifest.engines).flatMap((engine) => engine.artifacts);
const folder = mkdtempSync(join(tmpdir(), 'elt-manifest-'));
try {
  await fetchArtifacts(artifacts, folder, { report: console.log, signal: new AbortController().signal });
  for (const artifact of artifacts) {
    const path = join(folder, fileName(artifact));
    artifact.sha256 = await sha256Of(path);
    artifact.bytes = statSync(path).size;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`${artifacts.length} artifacts locked in infra/manifest.json`);
