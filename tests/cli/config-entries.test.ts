import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { configEntries } from '../../src/cli/config-entries.js';
import { loadConfig } from '../../src/commons/config.js';

test('every value has its origin, and passwords in addresses are masked', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'elt-entries-'));
  const config = loadConfig({ env: { ELT_REDIS_URL: 'redis://elt:hunter2@127.0.0.1:6379/1' }, cwd });
  rmSync(cwd, { recursive: true });

  const entries = configEntries(config);
  expect(entries).toContainEqual({
    key: 'redis.url',
    value: 'redis://elt:***@127.0.0.1:6379/1',
    origin: 'ELT_REDIS_URL',
  });
  expect(entries).toContainEqual({ key: 'spark.submitter', value: 'rest', origin: 'default' });
  expect(JSON.stringify(entries)).not.toContain('hunter2');
});
