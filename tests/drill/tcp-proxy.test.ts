import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openTcpProxy, type TcpProxy } from '../../src/drill/tcp-proxy.js';

/** A server that answers each line with its length, and remembers every line. */
describe('TCP proxy', () => {
  const seen: string[] = [];
  const clients: Socket[] = [];
  let server: Server;
  let proxy: TcpProxy;

  beforeEach(async () => {
    seen.length = 0;
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      let text = '';
      socket.on('data', (chunk) => {
        const lines = (text + String(chunk)).split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          seen.push(line);
          socket.write(`${line.length}\n`);
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await openTcpProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.close();
    server.close();
  });

  const open = async () => {
    const client = connect(proxy.port, '127.0.0.1');
    clients.push(client);
    await once(client, 'connect');
    return client;
  };

  const ask = async (client: Socket, line: string) => {
    const answer = once(client, 'data');
    client.write(`${line}\n`);
    return String((await answer)[0]);
  };

  const code = async (promise: Promise<unknown>) =>
    await promise.then(
      () => 'fine',
      (error: NodeJS.ErrnoException) => error.code,
    );

  test('passes bytes both ways', async () => {
    const client = await open();
    expect(await ask(client, 'hello')).toBe('5\n');
    const large = 'x'.repeat(3_000_000);
    expect(await ask(client, large)).toBe('3000000\n');
    expect(seen).toEqual(['hello', large]);
  });

  test('cut resets what is open and refuses what is new, restore takes the same port', async () => {
    const client = await open();
    await ask(client, 'one');
    const closed = once(client, 'data');
    await proxy.cut();
    expect(await code(closed)).toBe('ECONNRESET');
    expect(await code(open())).toBe('ECONNREFUSED');
    await proxy.restore();
    expect(await ask(await open(), 'two')).toBe('3\n');
    expect(seen).toEqual(['one', 'two']);
  });

  test('hold: nothing passes, nobody is told, and afterwards it all arrives', async () => {
    const client = await open();
    proxy.hold();
    let hasAnswer = false;
    const answer = ask(client, 'held').then((text) => {
      hasAnswer = true;
      return text;
    });
    const other = ask(await open(), 'other');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect({ hasAnswer, seen, isOpen: !client.destroyed }).toEqual({ hasAnswer: false, seen: [], isOpen: true });
    await proxy.restore();
    expect([await answer, await other]).toEqual(['4\n', '5\n']);
  });

  test('slow: each chunk takes its time', async () => {
    proxy.slow(60);
    const client = await open();
    const startedAt = performance.now();
    await ask(client, 'slow');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(118);
  });

  test('dropReply: the request goes through, its reply does not', async () => {
    const dropped = proxy.dropReply('commit');
    const client = await open();
    expect(await ask(client, 'read')).toBe('4\n');
    expect(await code(ask(client, 'commit 7'))).toBe('ECONNRESET');
    await dropped;
    expect(seen).toEqual(['read', 'commit 7']);
    expect(await ask(await open(), 'commit 7')).toBe('8\n');
  });

  test('dropReply counts, and finds bytes that come in two chunks', async () => {
    const dropped = proxy.dropReply('commit', 2);
    const first = await open();
    const broken = once(first, 'data');
    first.write('com');
    await new Promise((resolve) => setTimeout(resolve, 20));
    first.write('mit\n');
    expect(await code(broken)).toBe('ECONNRESET');
    expect(await code(ask(await open(), 'commit'))).toBe('ECONNRESET');
    await dropped;
    expect(await ask(await open(), 'commit')).toBe('6\n');
    expect(seen).toEqual(['commit', 'commit', 'commit']);
  });

  test('stopBefore: the request stays here; its client may die, others go on', async () => {
    const stopped = proxy.stopBefore('commit');
    const client = await open();
    expect(await ask(client, 'read')).toBe('4\n');
    client.write('commit\n');
    await stopped;
    expect(await ask(await open(), 'other')).toBe('5\n');
    client.destroy();
    while (proxy.connections > 1) await new Promise((resolve) => setTimeout(resolve, 5));
    await proxy.restore();
    expect(await ask(await open(), 'last')).toBe('4\n');
    expect(seen).toEqual(['read', 'other', 'last']);
  });

  test('stopBefore: restore lets the request go on', async () => {
    const stopped = proxy.stopBefore('commit');
    const client = await open();
    const answer = ask(client, 'commit');
    await stopped;
    expect(seen).toEqual([]);
    await proxy.restore();
    expect(await answer).toBe('6\n');
  });
});
