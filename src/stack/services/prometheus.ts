import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { alertsOf } from '../../monitoring/alerts.js';
import { prometheusRules } from '../../monitoring/prometheus-rules.js';
import { writeAtomically } from '../files.js';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { getText } from '../probes/http.js';
import { renderFile } from '../render.js';
import { host, type Service, type StackContext } from '../service.js';
import { alertSettings, metricsProgram } from './metrics-program.js';

const configFolder = (context: StackContext) => join(context.layout.conf, 'prometheus');

/** Prometheus keeps what Telegraf shows, and the alerts with the thresholds of whoever starts the stack. */
export const prometheus: Service = {
  name: 'prometheus',
  part: 'metrics',
  needs: ['telegraf'],
  uses: ['alertmanager'],
  ports: ['prometheus'],
  version: ({ manifest }) => engine(manifest, 'prometheus').version,
  endpoint: ({ ports }) => `http://${host}:${ports.prometheus}`,
  prepare: async (context) => {
    const rules = join(configFolder(context), 'rules.yml');
    await writeAtomically(rules, prometheusRules(alertsOf(alertSettings(context))));
    const target = join(configFolder(context), 'prometheus.yml');
    const values = { ...context.values, PROMETHEUS_RULES: rules };
    await renderFile(join(packageRoot, 'infra', 'prometheus', 'prometheus.yml'), target, values);
    await mkdir(join(context.layout.data, 'prometheus'), { recursive: true });
  },
  command: (context) => ({
    file: metricsProgram(context, 'prometheus'),
    args: [
      `--config.file=${join(configFolder(context), 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(context.layout.data, 'prometheus')}`,
      '--storage.tsdb.retention.time=15d',
      '--storage.tsdb.retention.size=1GB',
      `--web.listen-address=${host}:${context.ports.prometheus}`,
    ],
  }),
  probe: async ({ ports }, signal) => {
    await getText(`http://${host}:${ports.prometheus}/-/ready`, signal);
  },
  readyTimeoutMs: 60_000,
  stopTimeoutMs: 15_000,
};
