import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { copyPom } from '../../src/stack/downloads.js';
import { engineHomes } from '../../src/stack/engine-homes.js';
import { packageRoot } from '../../src/stack/layout.js';
import { coordinates, fileName, homeName, loadManifest, type Manifest } from '../../src/stack/manifest.js';

const manifest = loadManifest();

function changed(change: (copy: Manifest) => void): Manifest {
  const copy = structuredClone(manifest);
  change(copy);
  return copy;
}

describe('the manifest', () => {
  test('names the versions that the project promises', () => {
    const versions = Object.fromEntries(Object.entries(manifest.engines).map(([name, { version }]) => [name, version]));
    expect(versions).toMatchObject({
      spark: '3.5.3',
      kafka: '3.8.0',
      metastore: '3.1.3',
      trino: '476',
      seaweedfs: '4.48',
    });
  });

  test('names no address: everything comes by coordinates through the ordinary clients', () => {
    expect(readFileSync(join(packageRoot, 'infra', 'manifest.json'), 'utf8')).not.toMatch(/https?:/);
  });

  test('two engines that share a file name mean the same file', () => {
    const sums = new Map<string, string>();
    for (const artifact of Object.values(manifest.engines).flatMap(({ artifacts }) => artifacts)) {
      expect(sums.get(fileName(artifact)) ?? artifact.sha256).toBe(artifact.sha256);
      sums.set(fileName(artifact), artifact.sha256);
    }
  });

  test('the Spark class path has the versions that spark-jobs is compiled against', () => {
    const pom = readFileSync(join(packageRoot, 'spark-jobs', 'pom.xml'), 'utf8');
    const property = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(pom)?.[1];
    const names = manifest.engines['spark-libs']?.artifacts.map(fileName);
    expect(names).toContain(`iceberg-spark-runtime-3.5_2.12-${property('iceberg.version')}.jar`);
    expect(names).toContain(`kafka-clients-${property('kafka.version')}.jar`);
    expect(manifest.engines.spark?.version).toBe(property('spark.version'));
  });

  test('file names follow Maven and pip', () => {
    const artifact = (maven: string) => ({ maven, sha256: '0'.repeat(64), bytes: 1 });
    expect(fileName(artifact('g.h:a-b:1.0'))).toBe('a-b-1.0.jar');
    expect(fileName(artifact('g:a:1:tar.gz:bin'))).toBe('a-1-bin.tar.gz');
    expect(coordinates(artifact('g:a:1:zip'))).toEqual({ group: 'g', name: 'a', version: '1', type: 'zip' });
  });

  test('an engine’s folder changes with any of its checksums, and only then', () => {
    const before = engineHomes(manifest, '/cache');
    const after = engineHomes(
      changed((copy) => {
        const [first] = copy.engines.kafka?.artifacts ?? [];
        if (first !== undefined) first.sha256 = 'f'.repeat(64);
      }),
      '/cache',
    );
    expect(after.kafka).not.toBe(before.kafka);
    expect({ ...after, kafka: '' }).toEqual({ ...before, kafka: '' });
    expect(homeName(manifest, 'kafka', 1)).not.toBe(homeName(manifest, 'kafka', 2));
  });

  test('a file that is not a manifest is refused', () => {
    expect(() => loadManifest(join(packageRoot, 'package.json'))).toThrow();
  });

  test('Maven is asked for exactly the artifacts', () => {
    const pom = copyPom([{ maven: 'g:a:1:tar.gz:bin', sha256: '0'.repeat(64), bytes: 1 }], '/tmp/a&b');
    expect(pom).toContain(
      '<artifactItem><groupId>g</groupId><artifactId>a</artifactId><version>1</version><type>tar.gz</type><classifier>bin</classifier></artifactItem>',
    );
    expect(pom).toContain('<outputDirectory>/tmp/a&amp;b</outputDirectory>');
  });
});
