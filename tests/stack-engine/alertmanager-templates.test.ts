import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { placeAlertmanagerTemplates } from '../../src/stack/alertmanager-templates.js';

const path = 'usr/share/prometheus/alertmanager';
let folder: string;
let home: string;
let system: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'elt-templates-'));
  home = join(folder, 'home');
  system = join(folder, 'system');
  mkdirSync(join(home, path), { recursive: true });
  mkdirSync(system);
  writeFileSync(join(home, path, 'default.tmpl'), 'of the package');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the templates of the unpacked package go where its program looks for them', async () => {
  await placeAlertmanagerTemplates(home, system);
  expect(readFileSync(join(system, path, 'default.tmpl'), 'utf8')).toBe('of the package');
});

test("the system's own templates stay", async () => {
  mkdirSync(join(system, path), { recursive: true });
  writeFileSync(join(system, path, 'default.tmpl'), 'of the system');
  await placeAlertmanagerTemplates(home, system);
  expect(readFileSync(join(system, path, 'default.tmpl'), 'utf8')).toBe('of the system');
});

test('where they cannot be put, the message says what to type', async () => {
  const taken = join(folder, 'taken');
  writeFileSync(taken, 'a file where a folder is needed');
  await expect(placeAlertmanagerTemplates(home, taken)).rejects.toMatchObject({
    code: 'missing-tool',
    hint: expect.stringContaining(`cp -rT ${join(home, path)}`),
  });
});
