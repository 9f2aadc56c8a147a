import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { Installation, requireBuild, until } from '../cli/program.js';
import { freePort, startRedis } from '../redis-server.js';

test('SIGTERM ends the dashboard, also while Redis was never there', async () => {
  requireBuild();
  const server = await startRedis();
  const line = await Installation.open(server.url, 'ending');
  try {
    const env = { ELT_LOG_LEVEL: 'error', ELT_REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
    const child = line.start(['dashboard', '--port', '0', '-o', 'json'], env, 60_000);
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await until('the dashboard tells its address', () => text.includes('"url"'));
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const startedAt = Date.now();
    expect(await ended).toEqual([143, null]);
    expect(Date.now() - startedAt).toBeLessThan(10_000);
  } finally {
    await line.close();
    await server.close();
  }
}, 60_000);
