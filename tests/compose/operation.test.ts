/** What only shows when containers run: memory, the order of stopping, what volumes begin with, ports that must agree. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadConfig } from '../../src/commons/config.js';
import { composeSettings, composeValues } from '../../src/stack/compose-config.js';
import {
  type ComposeService,
  composeFile,
  composeText,
  exampleEnvironment,
  mebibytesOf,
  mountsOf,
  root,
} from './compose-file.js';

const env = exampleEnvironment();
const compose = composeFile();
const services = Object.entries(compose.services);
const service = (name: string) => compose.services[name] as ComposeService;
const after = (words: readonly string[], flag: string) => words[words.indexOf(flag) + 1] as string;
const elt = loadConfig({
  env: { ...service('worker').environment, ELT_STACK_DIR: '/nonexistent' },
  cwd: root,
});

test('memory limits of everything together fit 16 GiB', () => {
  const sum = services.reduce((all, [, { mem_limit }]) => all + mebibytesOf(mem_limit), 0);
  expect(sum).toBeLessThanOrEqual(16 * 1024);
});

test('the Spark worker offers what three stages take, and less than its container may use', () => {
  const { command = [], mem_limit } = service('spark-worker');
  const offered = mebibytesOf(after(command, '--memory'));
  expect(offered + 1024).toBeLessThanOrEqual(mebibytesOf(mem_limit));
  const { driver, executor, coresMax } = elt.spark;
  const executors = coresMax / executor.cores;
  expect(3 * (driver.memory + executors * executor.memory)).toBeLessThanOrEqual(offered * 1024 ** 2);
  expect(3 * (driver.cores + coresMax)).toBeLessThanOrEqual(Number(after(command, '--cores')));
});

test('heaps leave room in their containers', () => {
  const heaps: Record<string, string> = { kafka1: '-Xmx512m', kafka2: '-Xmx512m', 'kafka-ui': '-Xmx256m' };
  for (const [name, flag] of Object.entries(heaps)) {
    expect([name, JSON.stringify(service(name).environment)]).toEqual([name, expect.stringContaining(flag)]);
    expect([name, mebibytesOf(service(name).mem_limit) >= 1.5 * Number(/\d+/.exec(flag))]).toEqual([name, true]);
  }
  const trino = Number(/-Xmx(\d+)M/.exec(readFileSync(join(root, 'infra/trino/jvm.config'), 'utf8'))?.[1]);
  expect(mebibytesOf(service('trino').mem_limit)).toBeGreaterThanOrEqual(1.5 * trino);
});

test('drivers stop before what their last commit needs', () => {
  const needs = Object.keys(service('spark-worker').depends_on ?? {});
  expect(needs).toEqual(expect.arrayContaining(['spark-master', 'kafka1', 'kafka2', 's3', 'metastore']));
  expect(Object.keys(service('worker').depends_on ?? {})).toContain('spark-worker');
  expect(service('spark-worker')).toMatchObject({ stop_grace_period: '70s' });
});

test('a folder that the image fills is not copied into the volume of our files', () => {
  const filled = services.flatMap(([, one]) => mountsOf(one)).filter(({ target }) => target.startsWith('/etc/'));
  expect(filled.map(({ target }) => target).sort()).toEqual([
    '/etc/grafana/dashboards',
    '/etc/grafana/provisioning',
    '/etc/mysql/conf.d',
    '/etc/prometheus',
    '/etc/trino',
  ]);
  expect(filled.filter(({ isCopied, isReadOnly }) => isCopied || !isReadOnly)).toEqual([]);
});

test('images of the project are built, never looked for in a registry', () => {
  for (const [name, one] of services) {
    const isOurs = one.build !== undefined;
    expect([name, (one as { pull_policy?: string }).pull_policy]).toEqual([name, isOurs ? 'build' : undefined]);
  }
});

test('every long-lived service but the worker, which serves no port, has a health check', () => {
  const without = services.filter(([, { healthcheck }]) => healthcheck === undefined).map(([name]) => name);
  expect(without).toEqual(['config', 'prepare', 'worker']);
});

test('a changed webhook starts Alertmanager anew: compose compares environments, not files', () => {
  const changed = composeFile({ ...env, ALERT_WEBHOOK: 'http://127.0.0.1:1/' });
  expect(changed.services['alertmanager']).not.toEqual(service('alertmanager'));
});

test('the command that the README types for a first run is in the image', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const typed = /docker compose exec worker node (\S+) run extract --detach/.exec(readme)?.[1];
  const dockerfile = readFileSync(join(root, 'infra/Dockerfile'), 'utf8').split(/^FROM /m);
  const image = dockerfile.find((one) => / AS elt$/m.test(one)) ?? '';
  expect(image).toContain('WORKDIR /opt/elt\n');
  expect(image).toContain(`ENTRYPOINT ["node", "/opt/elt/${typed}"]`);
  expect(composeText()).toContain('Docker Compose 2.20 or newer');
});

/** Ports on which each service listens inside the network: what its rendered files, or its command, say. */
const listening = (() => {
  const values = composeValues(composeSettings(env));
  const port = (name: string) => Number(values[name]);
  const ofCommand = (name: string, ...flags: string[]) =>
    flags.map((flag) => Number(after(service(name).command ?? [], flag)));
  return {
    kafka1: [9093, 19093],
    kafka2: [9092, 19092],
    s3: [Number(/-s3\.port=(\d+)/.exec((service('s3').command ?? []).join(' '))?.[1])],
    mariadb: [port('MARIADB_PORT')],
    metastore: [port('METASTORE_PORT')],
    'spark-master': [...ofCommand('spark-master', '--port', '--webui-port'), port('SPARK_REST_PORT')],
    'spark-worker': ofCommand('spark-worker', '--port', '--webui-port'),
    trino: [port('TRINO_PORT')],
    redis: [port('REDIS_PORT')],
    dashboard: [elt.dashboard.port],
    statsd: [port('STATSD_PORT'), port('STATSD_ADMIN_PORT')],
    telegraf: [port('TELEGRAF_PORT'), port('TELEGRAF_STATSD_PORT')],
    prometheus: [port('PROMETHEUS_PORT')],
    alertmanager: [port('ALERTMANAGER_PORT')],
    grafana: [3000],
    'kafka-ui': [Number(service('kafka-ui').environment?.['SERVER_PORT'])],
  } as Readonly<Record<string, readonly number[]>>;
})();

test('published ports and health checks are ports that the container listens on', () => {
  for (const [name, { ports = [], healthcheck }] of services) {
    const published = ports.map((one) => Number(/:(\d+)(?:\/udp)?$/.exec(one)?.[1]));
    const command = healthcheck?.test.join(' ') ?? '';
    const asked = [...command.matchAll(/(?:127\.0\.0\.1|\/dev\/tcp\/[\w.-]+|[\w-]+)[:/](\d{4,5})|connect\((\d+)/g)];
    for (const one of [...published, ...asked.map(([, port, other]) => Number(port ?? other))]) {
      expect([name, one, listening[name]?.includes(one)]).toEqual([name, one, true]);
    }
    if (command !== '' && !/ping/.test(command)) expect([name, asked.length]).toEqual([name, 1]);
  }
});

test('addresses that services give each other lead to ports that are listened on', () => {
  const texts = services.flatMap(([, { environment = {}, command = [] }]) => [
    ...Object.values(environment),
    ...command,
  ]);
  const addresses = texts.flatMap((text) => [...String(text).matchAll(/(?:^|\/\/|,)([a-z][a-z0-9-]*):(\d+)/g)]);
  expect(addresses.length).toBeGreaterThan(10);
  for (const [, host = '', port] of addresses) {
    expect([host, port, listening[host]?.includes(Number(port))]).toEqual([host, port, true]);
  }
  const { PROMETHEUS_HOST = '', PROMETHEUS_PORT } = service('grafana').environment ?? {};
  expect(listening[PROMETHEUS_HOST]).toContain(Number(PROMETHEUS_PORT));
});
