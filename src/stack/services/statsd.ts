import { join } from 'node:path';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { exchange } from '../probes/exchange.js';
import { renderFile } from '../render.js';
import { host, type Service, type StackContext } from '../service.js';
import { metricsProgram } from './metrics-program.js';

const configFile = (context: StackContext) => join(context.layout.conf, 'statsd', 'config.json');

/** StatsD takes every datagram and passes it on, as it came, to Telegraf. */
export const statsd: Service = {
  name: 'statsd',
  part: 'metrics',
  needs: ['telegraf'],
  ports: ['statsd', 'statsdAdmin'],
  version: ({ manifest }) => engine(manifest, 'statsd').version,
  endpoint: ({ ports }) => `udp://${host}:${ports.statsd}`,
  prepare: (context) =>
    renderFile(join(packageRoot, 'infra', 'statsd', 'config.json'), configFile(context), context.values),
  command: (context) => ({
    file: process.execPath,
    args: [metricsProgram(context, 'statsd'), configFile(context)],
  }),
  probe: async ({ ports }, signal) => {
    const isUp = (received: Buffer) => (received.toString('latin1').includes('health: up') ? true : undefined);
    await exchange(host, ports.statsdAdmin, Buffer.from('health\n'), isUp, signal);
  },
  readyTimeoutMs: 30_000,
  stopTimeoutMs: 3_000,
};
