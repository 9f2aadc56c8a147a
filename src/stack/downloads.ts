import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EltError } from '../commons/errors.js';
import {
  type Artifact,
  coordinates,
  fileName,
  type MavenArtifact,
  type NpmArtifact,
  type PypiArtifact,
} from './manifest.js';
import { runTool } from './run-tool.js';

/** Tells a person what goes on; one line each. */
export type Report = (line: string) => void;

/** How a long piece of work is watched and given up. */
export interface Progress {
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** The version of Maven's dependency plugin that copies artifacts. */
const dependencyPlugin = '2.8';

/**
 * Puts artifacts into `folder` by the ordinary clients, Maven, pip and npm, and checks each against its checksum. Artifacts that are
 * there already are not fetched. Nothing unchecked ever gets its final name.
 */
export async function download(
  artifacts: readonly Artifact[],
  folder: string,
  { report, signal }: Progress,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const missing: Artifact[] = [];
  // Two engines may share a file.
  for (const artifact of new Map(artifacts.map((one) => [fileName(one), one])).values()) {
    if (!(await isWhole(join(folder, fileName(artifact)), artifact))) missing.push(artifact);
  }
  if (missing.length === 0) return;
  const staging = await mkdtemp(join(folder, '.fetching-'));
  try {
    await fetchArtifacts(missing, staging, { report, signal });
    for (const artifact of missing) await accept(artifact, staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Fetches artifacts into `folder`, unchecked. */
export async function fetchArtifacts(
  artifacts: readonly Artifact[],
  folder: string,
  progress: Progress,
): Promise<void> {
  const maven = artifacts.filter((one): one is MavenArtifact => 'maven' in one);
  const pypi = artifacts.filter((one): one is PypiArtifact => 'pypi' in one);
  const npm = artifacts.filter((one): one is NpmArtifact => 'npm' in one);
  await Promise.all([
    fetchMaven(maven, folder, progress),
    fetchPypi(pypi, folder, progress),
    fetchNpm(npm, folder, progress),
  ]);
}

async function fetchNpm(artifacts: readonly NpmArtifact[], folder: string, { report, signal }: Progress) {
  if (artifacts.length === 0) return;
  report(`npm: ${artifacts.map(({ npm }) => npm).join(', ')}`);
  const args = ['pack', '--silent', '--pack-destination', folder, ...artifacts.map(({ npm }) => npm)];
  await runTool('npm', args, { cwd: folder, signal });
}

async function accept(artifact: Artifact, staging: string, folder: string): Promise<void> {
  const name = fileName(artifact);
  const fetched = join(staging, name);
  const found = await sha256Of(fetched);
  if (found !== artifact.sha256) {
    throw new EltError(
      'checksum-mismatch',
      `${name} has SHA-256 ${found}, expected ${artifact.sha256} (infra/manifest.json). It was thrown away.`,
      { kind: 'external', hint: 'Try again; if it happens twice, do not use what the registry gives you.' },
    );
  }
  await rename(fetched, join(folder, name));
}

async function fetchMaven(
  artifacts: readonly MavenArtifact[],
  folder: string,
  { report, signal }: Progress,
): Promise<void> {
  if (artifacts.length === 0) return;
  report(`Maven: ${artifacts.length} files, ${megabytes(artifacts)} MB`);
  const pom = join(folder, 'pom.xml');
  await writeFile(pom, copyPom(artifacts, folder));
  const goal = `org.apache.maven.plugins:maven-dependency-plugin:${dependencyPlugin}:copy`;
  const fetching = runTool('mvn', ['-B', '-f', pom, goal], {
    cwd: folder,
    signal,
    onLine: (line) => {
      const fetched = /^(?:\[INFO\] )?Downloaded from \S+ \S*\/([^/\s]+) \(([\d.]+ MB) at/.exec(line);
      if (fetched) report(`Maven: fetched ${fetched[1]} (${fetched[2]})`);
    },
  });
  await withHeartbeat('Maven: still fetching', report, fetching);
}

/** A project whose only purpose is to copy exactly these artifacts, without what they depend on. */
export function copyPom(artifacts: readonly MavenArtifact[], folder: string): string {
  const items = artifacts.map((artifact) => {
    const { group, name, version, type, classifier } = coordinates(artifact);
    const tag = (key: string, value: string) => `<${key}>${value}</${key}>`;
    const parts = [tag('groupId', group), tag('artifactId', name), tag('version', version), tag('type', type)];
    if (classifier !== undefined) parts.push(tag('classifier', classifier));
    return `<artifactItem>${parts.join('')}</artifactItem>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>elt</groupId><artifactId>downloads</artifactId><version>1</version>
<build><plugins><plugin><artifactId>maven-dependency-plugin</artifactId><version>${dependencyPlugin}</version>
<configuration><outputDirectory>${folder.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</outputDirectory><artifactItems>
${items.join('\n')}
</artifactItems></configuration></plugin></plugins></build></project>
`;
}

async function fetchPypi(
  artifacts: readonly PypiArtifact[],
  folder: string,
  { report, signal }: Progress,
): Promise<void> {
  for (const artifact of artifacts) {
    report(`pip: fetching ${artifact.pypi} (${megabytes([artifact])} MB)`);
    const form = artifact.file.endsWith('.whl') ? ['--only-binary', ':all:'] : ['--no-binary', ':all:'];
    const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', ...form, '--dest', folder, artifact.pypi];
    await withHeartbeat(
      `pip: still fetching ${artifact.pypi}`,
      report,
      runTool('python3', args, { cwd: folder, signal }),
    );
  }
}

/** Says every so often that a client still works: neither of them shows a line for the progress of one file. */
async function withHeartbeat(text: string, report: Report, work: Promise<unknown>): Promise<void> {
  const startedAt = Date.now();
  const heartbeat = setInterval(() => report(`${text}, ${Math.round((Date.now() - startedAt) / 1000)} s`), 15_000);
  try {
    await work;
  } finally {
    clearInterval(heartbeat);
  }
}

function megabytes(artifacts: readonly Artifact[]): number {
  return Math.round(artifacts.reduce((sum, one) => sum + one.bytes, 0) / 1e6);
}

async function isWhole(path: string, artifact: Artifact): Promise<boolean> {
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  return size === artifact.bytes && (await sha256Of(path)) === artifact.sha256;
}

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
