import { join } from 'node:path';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { getText } from '../probes/http.js';
import { renderFile } from '../render.js';
import { host, type Service, type StackContext } from '../service.js';
import { metricsProgram } from './metrics-program.js';

const configFile = (context: StackContext) => join(context.layout.conf, 'telegraf', 'telegraf.conf');

/** Telegraf sums and keeps what StatsD passes on, and shows it to Prometheus. */
export const telegraf: Service = {
  name: 'telegraf',
  part: 'metrics',
  needs: [],
  ports: ['telegraf', 'telegrafStatsd'],
  version: ({ manifest }) => engine(manifest, 'telegraf').version,
  endpoint: ({ ports }) => `http://${host}:${ports.telegraf}/metrics`,
  prepare: (context) =>
    renderFile(join(packageRoot, 'infra', 'telegraf', 'telegraf.conf'), configFile(context), context.values),
  command: (context) => ({
    file: metricsProgram(context, 'telegraf'),
    args: ['--strict-env-handling', '--config', configFile(context)],
  }),
  probe: async ({ ports }, signal) => {
    await getText(`http://${host}:${ports.telegraf}/metrics`, signal);
  },
  readyTimeoutMs: 30_000,
  stopTimeoutMs: 10_000,
};
