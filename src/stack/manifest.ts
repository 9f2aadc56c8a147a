import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from './layout.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.number().int().positive();

const mavenArtifact = z.strictObject({
  /** group:artifact:version[:type[:classifier]] */
  maven: z.string().regex(/^[\w.-]+:[\w.-]+:[\w.-]+(:[\w.-]+){0,2}$/),
  sha256,
  bytes,
});
const pypiArtifact = z.strictObject({
  pypi: z.string().regex(/^[\w.-]+==[\w.]+$/),
  file: z.string().regex(/^[\w.+-]+\.(whl|tar\.gz)$/),
  sha256,
  bytes,
});
const npmArtifact = z.strictObject({
  npm: z.string().regex(/^[\w.-]+@[\w.]+$/),
  file: z.string().regex(/^[\w.-]+\.tgz$/),
  sha256,
  bytes,
});
const artifact = z.union([mavenArtifact, pypiArtifact, npmArtifact]);

/** A program that is built here, with Go's own client and checksum database. */
const goProgram = z.strictObject({ module: z.string().regex(/^[\w./-]+$/), tags: z.array(z.string()) });

const tool = z.strictObject({ minimum: z.string().optional(), apt: z.array(z.string()) });

const manifestSchema = z.strictObject({
  engines: z.record(
    z.string(),
    z.strictObject({
      version: z.string(),
      artifacts: z.array(artifact),
      go: goProgram.optional(),
      /** Debian packages whose programs are unpacked into the cache where the system does not have them. */
      apt: z.array(z.string()).optional(),
    }),
  ),
  tools: z.record(z.string(), tool),
  /** Programs that only `npm test` needs. */
  testTools: z.record(z.string(), tool),
});

export type Manifest = z.output<typeof manifestSchema>;
export type Artifact = z.output<typeof artifact>;
export type MavenArtifact = z.output<typeof mavenArtifact>;
export type PypiArtifact = z.output<typeof pypiArtifact>;
export type NpmArtifact = z.output<typeof npmArtifact>;
export type EngineName =
  | 'spark'
  | 'spark-libs'
  | 'kafka'
  | 'metastore'
  | 'trino'
  | 'java-trino'
  | 'seaweedfs'
  | 'statsd'
  | 'telegraf'
  | 'prometheus'
  | 'mariadb'
  | 'redis';

/** Versions, sources and checksums of everything the native stack runs: `infra/manifest.json`. */
export function loadManifest(path = join(packageRoot, 'infra', 'manifest.json')): Manifest {
  return manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

export function engine(manifest: Manifest, name: EngineName): Manifest['engines'][string] {
  const found = manifest.engines[name];
  if (found === undefined) throw new Error(`infra/manifest.json has no engine "${name}"`);
  return found;
}

/** The file name that Maven, pip and npm give an artifact. */
export function fileName(artifact: Artifact): string {
  if ('pypi' in artifact || 'npm' in artifact) return artifact.file;
  const { name, version, type, classifier } = coordinates(artifact);
  return `${name}-${version}${classifier === undefined ? '' : `-${classifier}`}.${type}`;
}

/** The parts of a Maven artifact's coordinates. */
export function coordinates(artifact: MavenArtifact) {
  const [group = '', name = '', version = '', type = 'jar', classifier] = artifact.maven.split(':');
  return { group, name, version, type, classifier };
}

/**
 * The name of an engine's folder in the cache. It changes with every artifact and with `layout`, the number of the way it is
 * unpacked, so a folder that exists is complete and right.
 */
export function homeName(manifest: Manifest, name: EngineName, layout: number): string {
  const { version, artifacts } = engine(manifest, name);
  const sums = artifacts.map((one) => `${fileName(one)} ${one.sha256}`).join('\n');
  const digest = createHash('sha256').update(`${layout}\n${sums}`).digest('hex').slice(0, 10);
  return `${name}-${version}-${digest}`;
}
