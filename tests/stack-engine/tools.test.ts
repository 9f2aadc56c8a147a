import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EltError } from '../../src/commons/errors.js';
import { loadManifest } from '../../src/stack/manifest.js';
import { findProgram, findTools } from '../../src/stack/tools.js';

describe('system tools', () => {
  let folder: string;
  const manifest = loadManifest();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'elt-tools-'));
    for (const name of ['mariadbd', 'redis-check-rdb', 'mvn', 'python3']) program(join(folder, name));
    mkdirSync(join(folder, 'jdk', 'bin'), { recursive: true });
    for (const name of ['java', 'javac']) program(join(folder, 'jdk', 'bin', name));
    writeFileSync(join(folder, 'jdk', 'release'), 'IMPLEMENTOR="x"\nJAVA_VERSION="17.0.15"\n');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  function program(path: string): void {
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, 0o755);
  }

  test('are found in PATH and JAVA_HOME; Debian’s redis-tools has the server under another name', () => {
    const tools = findTools(manifest, { PATH: folder, JAVA_HOME: join(folder, 'jdk') }, true);
    expect(tools).toEqual({
      javaHome: join(folder, 'jdk'),
      mariadbd: join(folder, 'mariadbd'),
      redisServer: join(folder, 'redis-check-rdb'),
    });
  });

  test('missing ones are named together, with the packages that bring them', () => {
    const error = errorOf(() => findTools(manifest, { PATH: '/nowhere', JAVA_HOME: join(folder, 'jdk') }, true));
    expect(error.message).toMatch(/mvn, python3.*redis-server/);
    expect(error.message.split('\n')).toHaveLength(1);
    expect(error.hint).toMatch(/apt-get install --no-install-recommends .*maven python3 .*redis-tools/);
    expect(error.exitCode).toBe(2);
  });

  test('Maven and Python are needed only while engines have to be prepared', () => {
    const error = errorOf(() => findTools(manifest, { PATH: '/nowhere', JAVA_HOME: join(folder, 'jdk') }, false));
    expect(error.message).toContain('redis-server');
    expect(error.message).not.toMatch(/mvn|python3/);
  });

  test('another Java in JAVA_HOME is not taken for 17', () => {
    const other = join(folder, 'jdk21');
    mkdirSync(join(other, 'bin'), { recursive: true });
    writeFileSync(join(other, 'release'), 'JAVA_VERSION="21.0.1"\n');
    expect(javaHomeOf({ PATH: folder, JAVA_HOME: other })).not.toBe(other);
  });

  test('a folder in PATH with the name of a program is no program', () => {
    mkdirSync(join(folder, 'directory', 'tool'), { recursive: true });
    expect(findProgram('tool', { PATH: join(folder, 'directory') })).toBeUndefined();
  });

  function javaHomeOf(environment: Record<string, string>): string | undefined {
    try {
      return findTools(manifest, environment, false).javaHome;
    } catch {
      return undefined;
    }
  }

  function errorOf(action: () => unknown): EltError {
    try {
      action();
    } catch (error) {
      if (error instanceof EltError) return error;
    }
    throw new Error('no EltError was thrown');
  }
});
