import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { loadConfig } from '../../../src/commons/config.js';
import { driverOf, Line, root, stackDir, stackServices } from '../harness.js';

describe('no secret shows, and nothing listens beyond loopback', () => {
  let line: Line;
  let secrets: string[];

  beforeAll(async () => {
    secrets = stackSecrets();
    line = await Line.open('canary', { extract: { mode: 'follow', commitInterval: '1s' } });
    line.startWorker();
    await line.produce([{ value: '1' }]);
    expect((await line.elt(['run', 'extract', '--detach'])).exitCode).toBe(0);
    await driverOf(line);
  }, 120_000);

  afterAll(async () => await line.close(), 120_000);

  test('the canary knows what to look for', () => {
    expect(secrets.length).toBeGreaterThanOrEqual(2);
    for (const secret of secrets) expect(secret.length).toBeGreaterThanOrEqual(16);
  });

  test('argv of every process', () => {
    const leaks = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => containsSecret(readOrEmpty(`/proc/${pid}/cmdline`)));
    expect(leaks).toEqual([]);
  });

  test('logs of every engine and driver', () => {
    const logs = filesBelow(stackDir()).filter((file) => /\.(log|out|err)$|\/(stdout|stderr)$/.test(file));
    expect(logs.length).toBeGreaterThan(5);
    expect(logs.filter((file) => containsSecret(readOrEmpty(file)))).toEqual([]);
  });

  test('Redis', async () => {
    const redis = new Redis(loadConfig({ env: line.env, cwd: root, flags: {} }).redis.url);
    const leaks: string[] = [];
    for (const key of await redis.keys('*')) {
      if (containsSecret((await redis.dumpBuffer(key))?.toString('latin1') ?? '')) leaks.push(key);
    }
    redis.disconnect();
    expect(leaks).toEqual([]);
  });

  test('elt config show, elt run --dry-run and the Spark pages', async () => {
    const config = loadConfig({ env: line.env, cwd: line.dir, flags: {} });
    const shown = [
      String((await line.elt(['config', 'show'])).stdout),
      String((await line.elt(['run', 'extract', '--dry-run', '-o', 'json'])).stdout),
      await (await fetch(`${config.spark.ui[0]}/json/`)).text(),
      await (await fetch(`${config.spark.ui[0]}/`)).text(),
    ];
    for (const text of shown) {
      expect(text.length).toBeGreaterThan(100);
      expect(containsSecret(text)).toBe(false);
    }
  });

  test('every listening socket of the stack and its drivers is on loopback', () => {
    const pids = descendantsOf(stackServices().map((service) => service.pid));
    const listening = pids.flatMap((pid) => listeningAddresses(pid));
    expect(listening.length).toBeGreaterThan(10);
    const beyond = listening.filter(
      (address) => !/^(0100007F|00000000000000000000000001000000|0000000000000000FFFF00000100007F)$/.test(address),
    );
    expect(beyond).toEqual([]);
  });

  function containsSecret(text: string): boolean {
    return secrets.some((secret) => text.includes(secret));
  }
});

/** The values of the stack's secrets file (mode 0600). */
function stackSecrets(): string[] {
  const file = join(stackDir(), 'secrets.json');
  expect(statSync(file).mode & 0o077).toBe(0);
  return Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>);
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function linkOrEmpty(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

/** The processes and all their children. */
function descendantsOf(pids: readonly number[]): number[] {
  const all = new Set(pids);
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), Number(/\) \S (\d+)/.exec(readOrEmpty(`/proc/${name}/stat`))?.[1])] as const);
  for (let grew = true; grew; ) {
    const before = all.size;
    for (const [pid, parent] of parents) if (all.has(parent)) all.add(pid);
    grew = all.size > before;
  }
  return [...all];
}

/** Local addresses (hex, as the kernel prints them) on which a process listens. */
function listeningAddresses(pid: number): string[] {
  const inodes = new Set(openSockets(pid));
  return ['tcp', 'tcp6'].flatMap((protocol) =>
    readOrEmpty(`/proc/net/${protocol}`)
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
      .filter((columns) => columns[3] === '0A' && inodes.has(columns[9] ?? ''))
      .map((columns) => columns[1]?.split(':')[0] ?? ''),
  );
}

function openSockets(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(
      (fd) => /socket:\[(\d+)\]/.exec(linkOrEmpty(`/proc/${pid}/fd/${fd}`))?.[1] ?? '',
    );
  } catch {
    return [];
  }
}
