import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type StackLayout, stackLayout } from '../../src/stack/layout.js';
import { identify, isRunning } from '../../src/stack/process-identity.js';
import {
  logFile,
  runningService,
  serviceProcesses,
  serviceRecord,
  startService,
  stopService,
} from '../../src/stack/service-processes.js';

const signal = new AbortController().signal;

describe('service processes', () => {
  let layout: StackLayout;

  beforeEach(() => {
    layout = stackLayout({ ELT_STACK_DIR: mkdtempSync(join(tmpdir(), 'elt-service-')) });
  });

  afterEach(async () => {
    await stopService(layout, 'redis', 0, signal);
    rmSync(layout.root, { recursive: true });
  });

  const start = (script: string, environment: Record<string, string> = {}) =>
    startService(layout, 'redis', { file: '/bin/sh', args: ['-c', script], environment });

  async function until(isTrue: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 10_000; !isTrue(); await delay(10)) {
      if (Date.now() > deadline) throw new Error('it did not happen within 10 s');
    }
  }

  const log = () => (existsSync(logFile(layout, 'redis')) ? readFileSync(logFile(layout, 'redis'), 'utf8') : '');

  test('a service leads its own session, logs to its file and gets its environment', async () => {
    await start('echo "$MARK $SECRET_OF_CALLER"; exec sleep 60', { MARK: 'here' });
    await until(() => log().includes('here'));
    const record = runningService(layout, 'redis');
    expect(record?.pid).toBeGreaterThan(1);
    expect(log()).toBe('here \n');
    expect(serviceProcesses(layout, 'redis').map(({ pid }) => pid)).toEqual([record?.pid]);
  });

  test('stopping ends it with SIGTERM, so that it can leave in order', async () => {
    await start('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done');
    await until(() => log().includes('up'));
    expect(await stopService(layout, 'redis', 10_000, signal)).toBe(true);
    expect(log()).toContain('bye');
    expect(serviceRecord(layout, 'redis')).toBeUndefined();
    expect(await stopService(layout, 'redis', 10_000, signal)).toBe(false);
  });

  test('one that ignores SIGTERM is killed in time, its children too', async () => {
    await start('trap "" TERM; (trap "" TERM; while :; do sleep 0.05; done) & echo up; while :; do sleep 0.05; done');
    await until(() => log().includes('up'));
    const startedAt = Date.now();
    await stopService(layout, 'redis', 300, signal);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(serviceProcesses(layout, 'redis')).toEqual([]);
  });

  test('what a killed service left behind is found and stopped', async () => {
    await start('sleep 60 & echo "child $!"; wait');
    await until(() => log().includes('child'));
    const child = identify(Number(/child (\d+)/.exec(log())?.[1]));
    if (child === undefined) throw new Error('no child');
    process.kill(runningService(layout, 'redis')?.pid ?? 0, 'SIGKILL');
    await until(() => runningService(layout, 'redis') === undefined);
    expect(serviceRecord(layout, 'redis')).toBeDefined();
    expect(serviceProcesses(layout, 'redis')).toEqual([child]);
    await stopService(layout, 'redis', 100, signal);
    expect(isRunning(child)).toBe(false);
  });

  test('a stale record never hits the process that has the pid now', async () => {
    await start('exec sleep 60');
    const record = runningService(layout, 'redis');
    if (record === undefined) throw new Error('not running');
    const other = { ...record, pid: process.pid };
    writeFileSync(join(layout.run, 'redis.json'), JSON.stringify(other));
    expect(runningService(layout, 'redis')).toBeUndefined();
    // Without its record it is still found by the mark in its environment.
    expect(await stopService(layout, 'redis', 1_000, signal)).toBe(true);
    expect(isRunning(record)).toBe(false);
  });
});
