/** docker-compose.yml runs Trino 443, the native stack a newer one: its parser reads every statement of ours. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { download } from '../../src/stack/downloads.js';
import { engineHomes } from '../../src/stack/engine-homes.js';
import { cacheRoot } from '../../src/stack/layout.js';
import { type Artifact, loadManifest } from '../../src/stack/manifest.js';
import { root } from './harness.js';
import { collectStatements, senders } from './trino-443/statements.js';

const here = join(import.meta.dirname, 'trino-443');
let classes: string;
let classPath: string;

/** Trino 443 wants a Java that is newer than Spark's: the native stack's Trino brings one. */
const java = join(engineHomes(loadManifest(), cacheRoot(process.env))['java-trino'], 'bin', 'java');

beforeAll(async () => {
  const artifacts = JSON.parse(readFileSync(join(here, 'artifacts.json'), 'utf8')) as Artifact[];
  const jars = join(homedir(), '.cache/elt/test/trino-parser-443');
  await download(artifacts, jars, { report: () => undefined, signal: AbortSignal.timeout(180_000) });
  classes = mkdtempSync(join(tmpdir(), 'elt-parser-'));
  await execa('javac', ['--release', '17', '-d', classes, join(here, 'ParseStatements.java')]);
  classPath = [classes, join(jars, '*')].join(':');
});

afterAll(() => rmSync(classes, { recursive: true, force: true }));

async function parse(statements: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await execa(java, ['-cp', classPath, 'ParseStatements'], { input: statements.join('\0') });
  return stdout.split('\n');
}

test('every file that sends statements is run here', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const sending = files.filter((name) =>
    /\b(trino|\(await open\(\)\))\.query\(/.test(readFileSync(join(root, 'src', name), 'utf8')),
  );
  expect(sending.sort()).toEqual(senders);
});

test('Trino 443 parses every statement', async () => {
  const statements = [...(await collectStatements())];
  expect(statements.length).toBeGreaterThan(25);
  expect(statements.some((sql) => sql.includes('FOR VERSION AS OF'))).toBe(true);
  expect(await parse(statements)).toEqual([`parsed ${statements.length}`]);
});

test('a statement that is none is refused', async () => {
  expect(await parse(['SELECT 1', 'SELECT FROM WHERE'])).toEqual([
    expect.stringMatching(/^refused: .*SELECT FROM/),
    'parsed 1',
  ]);
});
