import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  allProcesses,
  bootId,
  environmentOf,
  identify,
  isRunning,
  parseStat,
} from '../../src/stack/process-identity.js';

describe('process identity', () => {
  let child: ChildProcess;
  let pid: number;

  beforeAll(async () => {
    child = spawn('sleep', ['60'], { env: { PATH: process.env['PATH'], ELT_TEST_MARK: 'here' }, stdio: 'ignore' });
    await once(child, 'spawn');
    pid = child.pid as number;
  });

  afterAll(() => {
    child.kill('SIGKILL');
  });

  test('a command name with spaces and parentheses does not confuse', () => {
    const fields = ['S', '7', '8', '9', ...Array.from({ length: 15 }, () => '0'), '4711', '0'];
    expect(parseStat(`42 (a) b (c) ${fields.join(' ')}`)).toEqual({
      pid: 42,
      state: 'S',
      parent: 7,
      session: 9,
      startTicks: '4711',
    });
    expect(parseStat('')).toBeUndefined();
    expect(parseStat('42 (short) S 1')).toBeUndefined();
  });

  test('a real child is found, with its parent and its environment', () => {
    const stat = allProcesses().find((one) => one.pid === pid);
    expect(stat?.parent).toBe(process.pid);
    expect(environmentOf(pid, 'ELT_TEST_MARK')).toBe('here');
    expect(environmentOf(pid, 'ELT_TEST')).toBeUndefined();
  });

  test('the same pid with another start time or from another boot is somebody else', () => {
    const identity = identify(pid);
    if (identity === undefined) throw new Error('the child is not running');
    expect(identity.bootId).toBe(bootId());
    expect(isRunning(identity)).toBe(true);
    expect(isRunning({ ...identity, startTicks: String(Number(identity.startTicks) + 1) })).toBe(false);
    expect(isRunning({ ...identity, bootId: '00000000-0000-0000-0000-000000000000' })).toBe(false);
  });

  test('a process whose first thread has ended runs as long as another one does', async () => {
    const program =
      'import ctypes, threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); ctypes.CDLL(None).pthread_exit(None)';
    const headless = spawn('python3', ['-c', program], { stdio: 'ignore' });
    try {
      const stat = () => parseStat(readFileSync(`/proc/${headless.pid}/stat`, 'utf8'));
      while (stat()?.state !== 'Z') await sleep(20);
      const identity = identify(headless.pid as number);
      expect(identity?.pid).toBe(headless.pid);
      const ended = once(headless, 'exit');
      headless.kill('SIGKILL');
      await ended;
      expect(identify(headless.pid as number)).toBeUndefined();
    } finally {
      headless.kill('SIGKILL');
    }
  });

  test('a process that ended does not run, even as a zombie that nobody has waited for', async () => {
    const identity = identify(pid);
    if (identity === undefined) throw new Error('the child is not running');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(isRunning(identity)).toBe(false);
    expect(identify(pid)).toBeUndefined();
  });
});
