/**
 * The chain on real processes: produce, run, see the exact number in Prometheus, cross a threshold, be told by a webhook, be told that it is over.
 * Starts the metrics part of the stack under test, with thresholds of its own.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { configSchema } from '../../../src/commons/config-schema.js';
import { alertsOf } from '../../../src/monitoring/alerts.js';
import { dashboardsOf } from '../../../src/monitoring/grafana/dashboards.js';
import { panelQuery } from '../../monitoring/panel-query.js';
import { killService, Line, root, stackDir, until } from '../harness.js';

const rows = 1_200;
const bad = 3;

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: [number, string];
}

interface Told {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
}

describe('the metrics chain', () => {
  let line: Line;
  let server: Server;
  let prometheus: string;
  const told: Told[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        told.push(...(JSON.parse(Buffer.concat(chunks).toString()) as { alerts: Told[] }).alerts);
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    // Thresholds are taken at the start of Prometheus.
    await stack(['up', '--with', 'none']);
    await stack(['up', '--with', 'metrics'], {
      ELT_ALERTS_WEBHOOK: webhook,
      ELT_ALERTS_FOR: '1ms',
      ELT_ALERTS_WINDOW: '20s',
      ELT_ALERTS_EVENTS_PER_MINUTE_ABOVE: '100',
    });
    prometheus = endpointOf('prometheus', (await stack(['status'])) as Status);
    line = await Line.open('metrics');
    line.env['ELT_METRICS_INTERVAL'] = '2s';
    line.startWorker();
    await until('the worker announces its counters', async () => (await value(events())) === 0, 60_000);
  }, 600_000);

  afterAll(async () => {
    await line?.close();
    await stack(['up', '--with', 'none']);
    server?.close();
  }, 120_000);

  const events = () => `elt_events_processed_total{pipeline="${line.topic}",table="${line.raw}"}`;
  const of = (name: string, more = '') => `${name}{pipeline="${line.topic}"${more}}`;

  test('events processed are the rows of RAW, exactly; SILVER and rejects too', async () => {
    const values = Array.from({ length: rows }, (_, index) => ({ value: index < bad ? 'no number' : String(index) }));
    await line.produce(values);
    await until('the lag is measured before anything is read', async () => {
      return (await value(of('elt_lag_records', ',stage="extract"'))) === rows;
    });
    expect((await line.run('extract')).report).toMatchObject({ state: 'succeeded', rows, verified: true });
    await until('the rows arrive in Prometheus', async () => (await value(events())) === rows);
    expect(await line.rawRows()).toBe(rows);
    expect((await line.run('transform')).report).toMatchObject({ rows: rows - bad, rejects: bad, verified: true });
    await until('SILVER and the rejects arrive', async () => (await value(of('elt_silver_rows_total'))) === rows - bad);
    expect(await value(of('elt_rejected_rows_total'))).toBe(bad);
    expect(await value(events())).toBe(rows);
  });

  test('the threshold is crossed: the webhook hears of it', async () => {
    await until('the alert arrives', async () => told.some((one) => isAbout(one, 'EltEventsAboveThreshold', 'firing')));
  });

  test('runs, verification, lag and rows are told; what is right is 0, what is unknown is not there', async () => {
    await until('the collector has seen the end', async () => (await value(of('elt_unaccounted_rows'))) === 0);
    // What a worker sends at a run's end, and what the collector measures after it, is on its way for some seconds.
    await becomes(of('elt_verifications_total', ',stage="transform",verdict="pass"'), 1);
    await becomes(of('elt_last_verification_passed', ',stage="transform"'), 1);
    await becomes(of('elt_runs_total', ',stage="extract",state="succeeded"'), 1);
    expect(await value(of('elt_runs_total', ',stage="extract",state="lost"'))).toBe(0);
    expect(await value(of('elt_checks_total', ',stage="extract",verdict="pass"'))).toBeGreaterThan(5);
    await becomes(of('elt_lag_records', ',stage="extract"'), 0);
    await becomes(of('elt_lag_seconds', ',stage="transform"'), 0);
    await becomes(of('elt_table_rows', `,table="${line.raw}"`), rows);
    expect(await value(of('elt_batch_rows_value_bucket', ',stage="extract",le="+Inf"'))).toBeGreaterThanOrEqual(1);
    // Maintenance never ran: nothing is known of its verification.
    expect(await value(of('elt_last_verification_passed', ',stage="maintain"'))).toBeNull();
    // That nobody waits is known; a measurement may have met a run on its way to the worker.
    await becomes('max(elt_oldest_waiting_seconds)', 0);
  });

  test('every panel shows something, or says why it may be empty', async () => {
    const { alerts } = configSchema.parse({ pipelines: {} });
    const empty: string[] = [];
    for (const dashboard of dashboardsOf(alerts)) {
      for (const { title, queries, mayBeEmpty } of dashboard.panels) {
        for (const { expr } of queries) {
          const found = await query(panelQuery(expr, '5m'));
          if (found.length === 0 && mayBeEmpty === undefined) empty.push(`${dashboard.title}: ${title}: ${expr}`);
        }
      }
    }
    expect(empty).toEqual([]);
  });

  test('every alert is evaluated without an error, and reads series that exist', async () => {
    const answer = (await get('/api/v1/rules')) as { groups: { rules: { name: string; health: string }[] }[] };
    const rules = answer.groups.flatMap((group) => group.rules);
    const { alerts } = configSchema.parse({ pipelines: {} });
    expect(rules.map(({ name, health }) => [name, health])).toEqual(alertsOf(alerts).map(({ name }) => [name, 'ok']));
    // What this reads is sent only while there is something unread.
    const rare = new Set(['elt_time_to_loss_seconds']);
    for (const { expr } of alertsOf(alerts)) {
      for (const [name] of expr.matchAll(/\belt_[a-z_]+/g)) {
        if (!rare.has(name)) expect({ name, series: (await query(name)).length }).not.toEqual({ name, series: 0 });
      }
    }
  });

  test('time to loss is told while something is unread: the age of the record counts', async () => {
    const hour = 3_600_000;
    // A partition of its own: Kafka deletes whole segments by their newest record, so an old one behind newer ones is as safe as those.
    const partition = await line.addPartition();
    await line.produce([{ value: '1', partition, timestamp: String(Date.now() - 24 * hour) }]);
    const sevenDays = (7 * 24 * hour) / 1000;
    // What was told before the first run is kept for a minute: wait for this record's own.
    const isAgeOfRecord = async () => ((await value(of('elt_time_to_loss_seconds'))) ?? sevenDays) < sevenDays - 3_600;
    await until('time to loss', isAgeOfRecord);
    const left = (await value(of('elt_time_to_loss_seconds'))) as number;
    expect(left).toBeGreaterThan(sevenDays - (24 * hour) / 1000 - 60);
    expect(left).toBeLessThanOrEqual(sevenDays - (24 * hour) / 1000);
    expect(await value(of('elt_lag_seconds', ',stage="extract"'))).toBeGreaterThanOrEqual((24 * hour) / 1000 - 5);
  });

  test('when no more events come it is over, and the webhook hears of that too', async () => {
    await until('it is resolved', async () => told.some((one) => isAbout(one, 'EltEventsAboveThreshold', 'resolved')));
  });

  test('with StatsD and Telegraf dead, a run succeeds as before', async () => {
    for (const name of ['statsd', 'telegraf']) await killService(name);
    const { report, exitCode } = await line.run('extract');
    expect(report).toMatchObject({ state: 'succeeded', rows: 1, verified: true });
    expect(exitCode).toBe(0);
  });

  function isAbout({ status, labels }: Told, alert: string, wanted: Told['status']): boolean {
    return status === wanted && labels['alertname'] === alert && labels['pipeline'] === line.topic;
  }

  async function becomes(expr: string, expected: number): Promise<void> {
    await until(`${expr} is ${expected}`, async () => (await value(expr)) === expected);
  }

  async function value(expr: string): Promise<number | null> {
    const [first] = await query(expr);
    return first === undefined ? null : Number(first.value[1]);
  }

  async function query(expr: string): Promise<readonly Sample[]> {
    return ((await get(`/api/v1/query?query=${encodeURIComponent(expr)}`)) as { result: Sample[] }).result;
  }

  async function get(path: string): Promise<unknown> {
    const answer = (await (await fetch(`${prometheus}${path}`)).json()) as { status: string; data: unknown };
    if (answer.status !== 'success') throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer.data;
  }
});

interface Status {
  readonly services: readonly { readonly name: string; readonly state: string; readonly endpoint: string }[];
}

function endpointOf(name: string, { services }: Status): string {
  const service = services.find((one) => one.name === name);
  if (service?.state !== 'running') throw new Error(`${name} is ${service?.state ?? 'not part of the stack'}`);
  return service.endpoint;
}

/** `elt stack … -o json` on the stack under test. */
async function stack(args: readonly string[], env: Record<string, string> = {}): Promise<unknown> {
  const program = join(root, 'dist/bin/elt.js');
  const { stdout } = await execa(process.execPath, [program, 'stack', ...args, '-o', 'json'], {
    cwd: root,
    env: { ...env, ELT_STACK_DIR: stackDir() },
  });
  return JSON.parse(stdout);
}

/** The parts of a stack do not change what it is for others. */
test('a stack without metrics names no address for them', () => {
  const state = JSON.parse(readFileSync(join(stackDir(), 'stack.json'), 'utf8')) as { config: { metrics?: unknown } };
  expect(state.config.metrics).toBeUndefined();
});
