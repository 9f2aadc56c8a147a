import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isPortFree, portOwner } from '../../src/stack/port-owner.js';
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
