/** What docker-compose.yml's part for metrics would read, read by the real programs of the native stack. */
import { createSocket } from 'node:dgram';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { configSchema } from '../../src/commons/config-schema.js';
import { alertsOf } from '../../src/monitoring/alerts.js';
import { cacheRoot } from '../../src/stack/layout.js';
import { type MetricsPrograms, prepareMetricsPrograms } from '../../src/stack/metrics-programs.js';
import { getJson, getText } from '../../src/stack/probes/http.js';
import { freePort } from '../redis-server.js';
import { composeArguments } from './compose-command.js';
import { manifest, RenderedConfig, type Replacements, retried } from './rendered-config.js';

const host = '127.0.0.1';
const webhook = `http://${host}:9/alerts`;
const soon = () => AbortSignal.timeout(10_000);
let programs: MetricsPrograms;
let config: RenderedConfig;

beforeAll(async () => {
  config = await RenderedConfig.make({ ALERT_WEBHOOK: webhook });
  const progress = { report: () => {}, signal: AbortSignal.timeout(590_000) };
  programs = await prepareMetricsPrograms(manifest, cacheRoot(process.env), process.env, progress);
}, 600_000);

afterAll(async () => await config.close());

function folder(name: string): string {
  const path = join(config.folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

test('StatsD passes a datagram on to Telegraf, which shows it to Prometheus', async () => {
  const [statsd, admin, telegraf, telegrafStatsd] = await Promise.all(Array.from({ length: 4 }, freePort));
  const swaps: Replacements = [
    ['0.0.0.0', host],
    ['"telegraf"', `"${host}"`],
    [/\b8125\b/g, String(statsd)],
    [/\b8126\b/g, String(admin)],
    [/\b8127\b/g, String(telegrafStatsd)],
    [/\b9273\b/g, String(telegraf)],
  ];
  const telegrafFile = config.here('telegraf/telegraf.conf', swaps);
  await execa(programs.telegraf, ['config', 'check', '--config', telegrafFile]);
  config.start(programs.telegraf, composeArguments('telegraf', [['/conf/telegraf.conf', telegrafFile]]));
  config.start(process.execPath, [programs.statsd, config.here('statsd/config.json', swaps)]);
  const socket = createSocket('udp4');
  try {
    const shown = await retried(async () => {
      socket.send('elt_commits_total:1|c|#pipeline:numbers,stage:extract', statsd as number, host);
      const text = await getText(`http://${host}:${telegraf}/metrics`, soon());
      return /^elt_commits_total\{.*$/m.exec(text)?.[0] ?? Promise.reject(new Error(text));
    });
    expect(shown).toMatch(/^elt_commits_total\{pipeline="numbers",stage="extract"\} [1-9]\d*$/);
  } finally {
    socket.close();
  }
}, 120_000);

test('promtool accepts Prometheus’ files, and Prometheus starts with them', async () => {
  const port = await freePort();
  const place = folder('prometheus-conf');
  const swaps: Replacements = [
    ['/etc/prometheus', place],
    [/(?:telegraf|alertmanager):\d+/g, `${host}:9`],
    ['prometheus:9090', `${host}:${port}`],
  ];
  for (const name of ['prometheus.yml', 'rules.yml'])
    config.here(`prometheus/${name}`, swaps, `prometheus-conf/${name}`);
  const { stdout } = await execa(programs.promtool, ['check', 'config', join(place, 'prometheus.yml')]);
  const { alerts } = configSchema.parse({ pipelines: {} });
  expect(stdout).toContain(`SUCCESS: ${alertsOf(alerts).length} rules found`);
  const args = composeArguments('prometheus', [[/=\/prometheus$/g, `=${folder('prometheus-data')}`], ...swaps]);
  config.start(programs.prometheus, [...args, `--web.listen-address=${host}:${port}`]);
  await retried(async () => await getText(`http://${host}:${port}/-/ready`, soon()));
  const answer = (await getJson(`http://${host}:${port}/api/v1/rules`, soon())) as { data: { groups: Group[] } };
  expect(answer.data.groups[0]?.rules.map(({ name }) => name)).toEqual(alertsOf(alerts).map(({ name }) => name));
}, 120_000);

interface Group {
  readonly rules: readonly { readonly name: string }[];
}

test('amtool accepts Alertmanager’s file, and Alertmanager starts with it: alerts go to the webhook', async () => {
  const port = await freePort();
  const file = config.here('alertmanager/alertmanager.yml', []);
  const { stdout } = await execa(programs.amtool, ['check-config', file]);
  expect(stdout).toContain('2 receivers');
  const swaps: Replacements = [
    ['/conf/alertmanager.yml', file],
    [/=\/alertmanager$/g, `=${folder('alertmanager-data')}`],
  ];
  config.start(programs.alertmanager, [
    ...composeArguments('alertmanager', swaps),
    `--web.listen-address=${host}:${port}`,
  ]);
  await retried(async () => await getText(`http://${host}:${port}/-/ready`, soon()));
  const status = (await getJson(`http://${host}:${port}/api/v2/status`, soon())) as { config: { original: string } };
  expect(status.config.original).toContain(`url: ${webhook}`);
}, 120_000);
