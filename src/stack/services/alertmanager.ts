import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { getText } from '../probes/http.js';
import { renderFile } from '../render.js';
import { host, type Service, type StackContext } from '../service.js';
import { alertSettings, metricsProgram } from './metrics-program.js';

const configFile = (context: StackContext) => join(context.layout.conf, 'alertmanager', 'alertmanager.yml');
const dataFolder = (context: StackContext) => join(context.layout.data, 'alertmanager');

/** Alertmanager tells people, by a webhook, what Prometheus found. */
export const alertmanager: Service = {
  name: 'alertmanager',
  part: 'metrics',
  needs: [],
  ports: ['alertmanager'],
  version: ({ manifest }) => engine(manifest, 'prometheus').version,
  endpoint: ({ ports }) => `http://${host}:${ports.alertmanager}`,
  prepare: async (context) => {
    await mkdir(dataFolder(context), { recursive: true });
    const { webhook } = alertSettings(context);
    const webhooks = webhook === undefined ? [] : [{ url: webhook, send_resolved: true }];
    const values = { ...context.values, ALERT_WEBHOOKS: JSON.stringify(webhooks) };
    await renderFile(join(packageRoot, 'infra', 'alertmanager', 'alertmanager.yml'), configFile(context), values);
  },
  command: (context) => ({
    file: metricsProgram(context, 'alertmanager'),
    args: [
      `--config.file=${configFile(context)}`,
      `--storage.path=${dataFolder(context)}`,
      `--web.listen-address=${host}:${context.ports.alertmanager}`,
      // Alone: nothing listens for other Alertmanagers.
      '--cluster.listen-address=',
    ],
  }),
  probe: async ({ ports }, signal) => {
    await getText(`http://${host}:${ports.alertmanager}/-/ready`, signal);
  },
  readyTimeoutMs: 30_000,
  stopTimeoutMs: 10_000,
};
