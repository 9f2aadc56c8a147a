import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { buildTelegraf } from '../../src/stack/build-telegraf.js';
import { debianPrograms } from '../../src/stack/debian-packages.js';
import { loadManifest } from '../../src/stack/manifest.js';
import { servicesOf } from '../../src/stack/services/index.js';

const manifest = loadManifest();
const progress = { report: () => {}, signal: new AbortController().signal };

describe('the programs of the metrics chain', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'elt-metrics-programs-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function program(path: string, text: string): void {
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  }

  test('without Go: what is missing, and what to do', async () => {
    const building = buildTelegraf(manifest, folder, { PATH: '/nowhere' }, progress, []);
    await expect(building).rejects.toMatchObject({
      code: 'missing-tool',
      message: expect.stringContaining('"go" was not found'),
      hint: expect.stringMatching(/Install Go .* or start the stack without metrics: elt stack up --with none/),
    });
  });

  test('Telegraf is built with its pinned version and the few plugins, and tried', async () => {
    const home = join(folder, 'home');
    mkdirSync(home);
    // A Go that notes what it was asked, and installs a program that notes that it was run.
    program(
      join(folder, 'go'),
      `echo "$@" > "$GOBIN/asked"; printf '#!/bin/sh\\necho "$@" > "$0.ran"\\n' > "$GOBIN/telegraf"; chmod +x "$GOBIN/telegraf"`,
    );
    await buildTelegraf(manifest, home, { PATH: folder }, progress, []);
    expect(readFileSync(join(home, 'asked'), 'utf8')).toMatch(
      /^install -trimpath -tags custom,inputs\.statsd,\S+ .* github\.com\/influxdata\/telegraf\/cmd\/telegraf@v1\.37\.2$/m,
    );
    expect(readFileSync(join(home, 'telegraf.ran'), 'utf8')).toBe('version\n');
  });

  test('a build that fails says so', async () => {
    program(join(folder, 'go'), 'echo no network; exit 1');
    await expect(buildTelegraf(manifest, folder, { PATH: folder }, progress, [])).rejects.toThrow('no network');
    expect(readdirSync(folder)).toEqual(['go']);
  });

  test('Prometheus of the system is used when all of it is there', () => {
    for (const name of ['prometheus', 'promtool', 'alertmanager']) program(join(folder, name), '');
    expect(debianPrograms({ PATH: folder })).toBeUndefined();
    program(join(folder, 'amtool'), '');
    expect(debianPrograms({ PATH: folder })).toMatchObject({ alertmanager: join(folder, 'alertmanager') });
  });

  test('a stack has them only with the part that they belong to', () => {
    const names = (parts: readonly 'metrics'[]) => servicesOf({ parts }).map(({ name }) => name as string);
    const added = names(['metrics']).filter((name) => !names([]).includes(name));
    expect(added.toSorted()).toEqual(['alertmanager', 'prometheus', 'statsd', 'telegraf']);
  });
});
