import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { transformSync } from '@swc/core';
import { withLock } from '../../src/stack/file-lock.js';

const folder = mkdtempSync(join(tmpdir(), 'elt-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the lock', () => {
  test('lets one in at a time and tells the other that it waits', async () => {
    const path = join(folder, 'deep', 'lock');
    const events: string[] = [];
    let leave: () => void = () => {};
    const inside = new Promise<void>((entered) => {
      const first = withLock(
        path,
        () => events.push('first waits'),
        async () => {
          events.push('first in');
          entered();
          await new Promise<void>((resolve) => {
            leave = resolve;
          });
          events.push('first out');
        },
      );
      void first;
    });
    await inside;
    const second = withLock(
      path,
      () => {
        events.push('second waits');
        leave();
      },
      async () => {
        events.push('second in');
        return 7;
      },
    );
    expect(await second).toBe(7);
    expect(events).toEqual(['first in', 'second waits', 'first out', 'second in']);
  });

  test('is given back when the action throws', async () => {
    const path = join(folder, 'throws');
    await expect(
      withLock(
        path,
        () => {},
        () => Promise.reject(new Error('no')),
      ),
    ).rejects.toThrow('no');
    let waited = false;
    await withLock(
      path,
      () => (waited = true),
      async () => {},
    );
    expect(waited).toBe(false);
  });

  test('is given back when its holder is killed', async () => {
    const path = join(folder, 'killed');
    // The module itself, in a process of its own.
    const source = transformSync(readFileSync(new URL('../../src/stack/file-lock.ts', import.meta.url), 'utf8'), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    });
    writeFileSync(join(folder, 'file-lock.mjs'), source.code);
    const program = `import { withLock } from './file-lock.mjs';
      await withLock(${JSON.stringify(path)}, () => {}, () => new Promise(() => { console.log('held'); setInterval(() => {}, 1000); }));`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    let waited = false;
    await withLock(
      path,
      () => {
        waited = true;
        holder.kill('SIGKILL');
      },
      async () => {},
    );
    expect(waited).toBe(true);
  });
});
