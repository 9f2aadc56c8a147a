import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { metricsFindings } from '../../src/cli/doctor/metrics.js';
import type { Config } from '../../src/commons/config.js';

const { signal } = new AbortController();

async function found(metrics: Partial<Config['metrics']>) {
  const [finding] = await metricsFindings({ metrics: { interval: 1, ...metrics } } as Config, signal);
  return finding;
}

async function withTelegraf<T>(page: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.end(page)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
  } finally {
    server.close();
  }
}

describe('elt doctor on metrics', () => {
  test('off is no fault', async () => {
    expect(await found({})).toMatchObject({ state: 'ok', detail: expect.stringContaining('off') });
  });

  test('nobody at Telegraf’s address is a warning with its fix', async () => {
    const gone = await found({ statsd: '127.0.0.1:8125', telegraf: 'http://127.0.0.1:9/metrics' });
    expect(gone).toMatchObject({ state: 'warning', fix: expect.stringContaining('elt stack up --with metrics') });
  });

  test('Telegraf that has heard of no worker is a warning; one that has is fine', async () => {
    const statsd = '127.0.0.1:8125';
    expect(await withTelegraf('up 1\n', (telegraf) => found({ statsd, telegraf }))).toMatchObject({ state: 'warning' });
    const page = 'elt_workers_alive{stage="extract"} 1\n';
    expect(await withTelegraf(page, (telegraf) => found({ statsd, telegraf }))).toMatchObject({ state: 'ok' });
  });
});
