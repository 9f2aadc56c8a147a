import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isPortFree, portOwner } from '../../src/stack/port-owner.js';
import { describeTaken, type TakenPort } from '../../src/stack/taken-ports.js';
import { parseSocket } from '../../src/stack/tcp-table.js';

const servers: Server[] = [];

async function listen(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

describe('a taken port', () => {
  test('is seen, with who has it', async () => {
    const port = await listen('127.0.0.1');
    expect(await isPortFree('127.0.0.1', port)).toBe(false);
    expect(portOwner(port)).toEqual({ pid: process.pid, command: readFileSync('/proc/self/comm', 'utf8').trim() });
  });

  test('is seen when somebody listens on IPv6 loopback only? No: that is another address', async () => {
    const port = await listen('::1');
    expect(await isPortFree('127.0.0.1', port)).toBe(true);
  });

  test('is free again once nobody listens', async () => {
    const port = await listen('127.0.0.1');
    const server = servers.pop();
    await new Promise((resolve) => server?.close(resolve));
    expect(await isPortFree('127.0.0.1', port)).toBe(true);
    expect(portOwner(port)).toBeUndefined();
  });

  test('lines of the kernel’s table, IPv4 and IPv6', () => {
    const v4 = '   0: 0100007F:2384 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 x';
    const v6 =
      '   1: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 01 0:0 00:0 0     0        0 6 1 x';
    expect(parseSocket(v4)).toEqual([{ localPort: 9092, isListening: true, inode: '12345' }]);
    expect(parseSocket(v6)).toEqual([{ localPort: 8080, isListening: false, inode: '6' }]);
    expect(parseSocket('')).toEqual([]);
  });
});

test('the message names each owner once', () => {
  const stack = { pid: 7, command: 'java', stack: '/s' };
  const taken: TakenPort[] = [
    { service: 'redis', port: 6379, owner: { pid: 5, command: 'redis-server' } },
    { service: 'kafka', port: 9092, owner: stack },
    { service: 'kafka', port: 9093, owner: { ...stack, pid: 8 } },
    { service: 'trino', port: 8090, owner: stack },
    { service: 's3', port: 8333, owner: stack },
    { service: 'mariadb', port: 3306, owner: undefined },
  ];
  expect(describeTaken(taken)).toBe(
    'Port taken: 6379 (redis) by redis-server, pid 5; 9092 (kafka), 9093 (kafka) and 2 more by the native stack in /s; 3306 (mariadb) by another process',
  );
});
