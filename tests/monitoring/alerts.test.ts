import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { configSchema } from '../../src/commons/config-schema.js';
import { alertsOf } from '../../src/monitoring/alerts.js';
import { prometheusRules, runbookOf } from '../../src/monitoring/prometheus-rules.js';
import { packageRoot } from '../../src/stack/layout.js';
import { runTool } from '../../src/stack/run-tool.js';
import { type AlertCase, alertCases, alwaysFiring } from './alert-cases.js';
import { promtoolPath } from './promtool.js';

const { alerts: defaults } = configSchema.parse({ pipelines: {} });
const alerts = alertsOf(defaults);

describe('the alerts', () => {
  let folder: string;
  let promtool: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'elt-alerts-'));
    promtool = await promtoolPath();
    writeFileSync(join(folder, 'rules.yml'), prometheusRules(alerts));
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  test('are rules that Prometheus takes', async () => {
    expect(await runTool(promtool, ['check', 'rules', join(folder, 'rules.yml')])).toContain(`${alerts.length} rules`);
  });

  test('have cases of firing and of staying silent, each of them', () => {
    const names = alerts.map(({ name }) => name as string);
    const having = (isFiring: boolean) =>
      new Set(alertCases.filter(({ fires }) => fires.length > 0 === isFiring).map(({ alert }) => alert));
    expect([...having(true)].toSorted()).toEqual(names.toSorted());
    expect([...having(false), ...alwaysFiring].toSorted()).toEqual(names.toSorted());
  });

  test('fire and stay silent as they should: promtool test rules', async () => {
    const path = join(folder, 'rules.test.yml');
    const document = { rule_files: ['rules.yml'], evaluation_interval: '1m', tests: alertCases.map(promtoolTest) };
    writeFileSync(path, stringify(document, { lineWidth: 0 }));
    expect(await runTool(promtool, ['test', 'rules', path], { cwd: folder })).toContain('SUCCESS');
  });

  test('a wrong expectation would be noticed', async () => {
    const silent = alertCases.find(({ fires }) => fires.length === 0) as AlertCase;
    const wrong = promtoolTest({ ...silent, fires: [{ labels: {}, summary: 'x' }] });
    const path = join(folder, 'wrong.test.yml');
    writeFileSync(path, stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests: [wrong] }));
    await expect(runTool(promtool, ['test', 'rules', path], { cwd: folder })).rejects.toThrow('FAILED');
  });

  test('follow the thresholds of elt.yaml', () => {
    const own = { eventsPerMinute: { above: 12 }, lag: '90s', window: '30s', for: '500ms' };
    const rules = prometheusRules(alertsOf(configSchema.parse({ pipelines: {}, alerts: own }).alerts));
    expect(rules).toContain('(rate(elt_events_processed_total[30s])) * 60 > 12');
    expect(rules).toContain('(elt_lag_seconds) > 90');
    expect(rules).toContain('for: 500ms');
  });

  test('a window in which Prometheus takes fewer than two samples is refused', () => {
    expect(() => configSchema.parse({ pipelines: {}, alerts: { window: '10s' } })).toThrow('at least 15s');
    const text = readFileSync(join(packageRoot, 'infra/prometheus/prometheus.yml'), 'utf8');
    expect(text).toContain('scrape_interval: 5s');
  });

  function promtoolTest({ alert, what, series, at, fires }: AlertCase) {
    const known = alerts.find(({ name }) => name === alert);
    if (known === undefined) throw new Error(`no alert ${alert}`);
    const expected = fires.map(({ labels, summary }) => ({
      exp_labels: { ...labels, severity: known.severity },
      exp_annotations: { summary, runbook: runbookOf(known) },
    }));
    return {
      name: `${alert}: ${what}`,
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: expected }],
    };
  }
});
