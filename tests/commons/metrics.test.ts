import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Metrics, statsdMetrics } from '../../src/commons/metrics.js';
import { metricsCatalogue } from '../../src/commons/metrics-catalogue.js';
import { parseStatsdAddress } from '../../src/commons/statsd-address.js';

describe('metrics of the control plane', () => {
  let socket: Socket;
  let lines: string[];

  beforeEach(async () => {
    lines = [];
    socket = createSocket('udp4').on('message', (datagram) => lines.push(...datagram.toString().trim().split('\n')));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  });

  afterEach(() => {
    socket.close();
  });

  const address = () => `127.0.0.1:${socket.address().port}`;

  async function sent(action: (metrics: Metrics) => void, count: number): Promise<string[]> {
    const { metrics, close } = statsdMetrics(address());
    action(metrics);
    await close();
    for (const deadline = Date.now() + 5_000; lines.length < count && Date.now() < deadline; ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return lines;
  }

  test('are DogStatsD datagrams with exact values and labels', async () => {
    const labels = { pipeline: 'numbers', stage: 'extract' };
    const received = await sent((metrics) => {
      metrics.count('elt_runs_total', 1, { ...labels, state: 'succeeded' });
      metrics.count('elt_runs_total', 0, { ...labels, state: 'lost' });
      metrics.gauge('elt_lag_records', 9_007_199_254_740_991, labels);
      metrics.distribution('elt_run_startup_seconds', 4.25, labels);
    }, 4);
    expect(received).toEqual([
      'elt_runs_total:1|c|#pipeline:numbers,stage:extract,state:succeeded',
      'elt_runs_total:0|c|#pipeline:numbers,stage:extract,state:lost',
      'elt_lag_records:9007199254740991|g|#pipeline:numbers,stage:extract',
      'elt_run_startup_seconds:4.25|d|#pipeline:numbers,stage:extract',
    ]);
  });

  test('what is no number, or what StatsD would take for a change, is not sent', async () => {
    const received = await sent((metrics) => {
      metrics.gauge('elt_spark_cores_free', Number.NaN, {});
      metrics.gauge('elt_spark_cores_free', -1, {});
      metrics.gauge('elt_spark_cores_free', Number.POSITIVE_INFINITY, {});
      metrics.gauge('elt_spark_cores_free', 3, {});
    }, 1);
    expect(received).toEqual(['elt_spark_cores_free:3|g']);
  });

  test('a thousand at once arrive, in datagrams that are not cut', async () => {
    const received = await sent((metrics) => {
      for (let n = 0; n < 1_000; n++) metrics.gauge('elt_queue_depth', n, { stage: 'extract' });
    }, 1_000);
    expect(received.map((line) => Number(/:(\d+)\|/.exec(line)?.[1]))).toEqual(
      Array.from({ length: 1_000 }, (_, n) => n),
    );
  });

  test.each(['127.0.0.1:9', 'no-such-host.invalid:8125'])(
    'nobody at %s: nothing throws, nothing waits',
    async (gone) => {
      const { metrics, close } = statsdMetrics(gone);
      const startedAt = Date.now();
      for (let n = 0; n < 10_000; n++) metrics.gauge('elt_spark_cores_free', n, {});
      expect(Date.now() - startedAt).toBeLessThan(1_000);
      await close();
      expect(Date.now() - startedAt).toBeLessThan(5_000);
    },
  );

  test('a name is looked up once; what was measured meanwhile is sent', async () => {
    const { metrics, close } = statsdMetrics(`localhost:${socket.address().port}`);
    for (let n = 0; n < 5; n++) metrics.gauge('elt_spark_cores_free', n, {});
    await close();
    for (const deadline = Date.now() + 5_000; lines.length < 5 && Date.now() < deadline; ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(lines).toHaveLength(5);
  });

  test('an address is host and port', () => {
    expect(parseStatsdAddress('statsd:8125')).toEqual({ host: 'statsd', port: 8125 });
    expect(parseStatsdAddress('[::1]:8125')).toEqual({ host: '::1', port: 8125 });
    for (const wrong of ['statsd', 'statsd:', ':8125', 'statsd:0', 'statsd:99999', 'http://statsd:8125', 'a b:1']) {
      expect(parseStatsdAddress(wrong)).toBeUndefined();
    }
  });

  test('names follow Prometheus: prefix, base unit, _total for counters', () => {
    for (const [name, { kind, unit, labels }] of Object.entries(metricsCatalogue)) {
      expect(name).toMatch(/^elt_[a-z_]+$/);
      expect({ name, isCounter: name.endsWith('_total') }).toEqual({ name, isCounter: kind === 'counter' });
      if (unit === 'seconds') expect(name).toMatch(/_seconds$/);
      expect(new Set(labels).size).toBe(labels.length);
    }
  });
});
