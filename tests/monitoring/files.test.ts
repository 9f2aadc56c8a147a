/** Holds catalogue, rules, panels, runbooks and the engines' files together, both ways. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/commons/config.js';
import { bucketsOf, metricsCatalogue } from '../../src/commons/metrics-catalogue.js';
import { alertsOf } from '../../src/monitoring/alerts.js';
import { monitoringFiles } from '../../src/monitoring/files.js';
import { dashboardsOf } from '../../src/monitoring/grafana/dashboards.js';
import { runbookOf } from '../../src/monitoring/prometheus-rules.js';
import { packageRoot } from '../../src/stack/layout.js';
import { runTool } from '../../src/stack/run-tool.js';
import { panelQuery } from './panel-query.js';
import { promtoolPath } from './promtool.js';

const { alerts: thresholds } = loadConfig({ env: {}, cwd: packageRoot });
const alerts = alertsOf(thresholds);
const dashboards = dashboardsOf(thresholds);
const panels = dashboards.flatMap((dashboard) => dashboard.panels);
const panelExpressions = panels.flatMap(({ queries }) => queries.map(({ expr }) => expr));
const runbooks = join(packageRoot, 'docs', 'runbooks');
const runbookFiles = readdirSync(runbooks).filter((name) => name.startsWith('Elt'));

/** Names of our metrics in an expression or a page, without what Telegraf adds to a distribution. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/\belt_[a-z_]+/g)].map(([name]) => name.replace(/_value_bucket$/, ''));
}

describe('what is made from the catalogues', () => {
  test('is in infra/ as it would be made now: npm run build && npm run generate:monitoring', () => {
    for (const [name, text] of monitoringFiles(thresholds)) {
      expect({ name, text: readFileSync(join(packageRoot, 'infra', name), 'utf8') }).toEqual({ name, text });
    }
    const made = [...monitoringFiles(thresholds).keys()].filter((name) => name.startsWith('grafana/')).toSorted();
    const there = readdirSync(join(packageRoot, 'infra', 'grafana'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(packageRoot, 'infra').length + 1));
    expect(there.toSorted()).toEqual(made);
  });

  test('names no metric that is not in the catalogue', () => {
    const pages = runbookFiles.map((name) => readFileSync(join(runbooks, name), 'utf8'));
    const named = new Set([...alerts.map(({ expr }) => expr), ...panelExpressions, ...pages].flatMap(namesIn));
    expect([...named].filter((name) => !(name in metricsCatalogue))).toEqual([]);
  });

  test('shows every metric of the catalogue in a panel', () => {
    const shown = new Set(panelExpressions.flatMap(namesIn));
    expect(Object.keys(metricsCatalogue).filter((name) => !shown.has(name))).toEqual([]);
  });

  test('uses no label that the metric does not have', () => {
    for (const expr of [...alerts.map((alert) => alert.expr), ...panelExpressions]) {
      const known = new Set(
        namesIn(expr).flatMap(
          (name): readonly string[] => metricsCatalogue[name as keyof typeof metricsCatalogue].labels,
        ),
      );
      const used = [...expr.matchAll(/(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
      const selected = [...expr.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label);
      const foreign = [...used, ...selected].filter(
        (label) => !known.has(label) && !/^(le|job|alertname|alertstate)$/.test(label),
      );
      expect({ expr, foreign }).toEqual({ expr, foreign: [] });
    }
  });

  test('has a runbook for every alert, and no other; each says what it means, what to look at, what to type', () => {
    expect(runbookFiles.toSorted()).toEqual(alerts.map(({ name }) => `${name}.md`).toSorted());
    for (const alert of alerts) {
      const page = readFileSync(join(packageRoot, runbookOf(alert)), 'utf8');
      expect(page.split('\n').filter((line) => line.startsWith('#'))).toEqual([
        `# ${alert.name}`,
        '## What it means',
        '## What to look at',
        '## What to type',
      ]);
      expect(page).toMatch(/```\n(npx elt|kafka-)/);
    }
    const index = readFileSync(join(runbooks, 'README.md'), 'utf8');
    for (const { name } of alerts) expect(index).toContain(`(${name}.md)`);
  });

  test('commands in runbooks are commands of elt', async () => {
    const { commands } = await import('../../src/cli/commands.js');
    const known = commands.map(({ command }) => command.split(' ')[0]);
    for (const name of runbookFiles) {
      const page = readFileSync(join(runbooks, name), 'utf8');
      const typed = [...page.matchAll(/npx elt ([a-z]+)/g)].map(([, command]) => command);
      expect({ name, unknown: typed.filter((command) => !known.includes(command)) }).toEqual({ name, unknown: [] });
    }
  });

  test('parses: Prometheus reads every expression of every panel', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'elt-panels-'));
    try {
      const rules = panelExpressions.map((expr, index) => ({ record: `panel:${index}`, expr: panelQuery(expr) }));
      writeFileSync(join(folder, 'panels.yml'), stringify({ groups: [{ name: 'panels', rules }] }, { lineWidth: 0 }));
      const said = await runTool(await promtoolPath(), ['check', 'rules', join(folder, 'panels.yml')]);
      expect(said).toContain(`${panelExpressions.length} rules`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 300_000);

  test('Grafana fires on exactly the same expressions, and no variable of its environment is meant', () => {
    const text = readFileSync(join(packageRoot, 'infra/grafana/provisioning/alerting/rules.yml'), 'utf8');
    const [group] = (parse(text) as { groups: { rules: GrafanaRule[] }[] }).groups;
    const found = group?.rules.map(({ title, data }) => [title, data[0]?.model.expr]);
    expect(found).toEqual(alerts.map(({ name, expr }) => [name, expr]));
    expect(text).not.toContain('$');
    expect(group?.rules.filter(({ isPaused }) => isPaused).map(({ title }) => title)).toEqual(['EltWatchdog']);
    for (const { uid } of group?.rules ?? []) expect(uid).toMatch(/^[a-z-]{1,40}$/);
    expect(new Set(group?.rules.map(({ uid }) => uid)).size).toBe(alerts.length);
  });
});

interface GrafanaRule {
  readonly uid: string;
  readonly title: string;
  readonly isPaused: boolean;
  readonly data: readonly { readonly model: { readonly expr: string } }[];
}

describe('Telegraf', () => {
  test('counts exactly the distributions of the catalogue, in their buckets', () => {
    const text = readFileSync(join(packageRoot, 'infra', 'telegraf', 'telegraf.conf'), 'utf8');
    const configured = [
      ...text.matchAll(/measurement_name = "(\w+)"\n\s+fields = \["value"\]\n\s+buckets = \[(.*)\]/g),
    ];
    const found = Object.fromEntries(configured.map(([, name, list = '']) => [name, list.split(', ').map(Number)]));
    const distributions = Object.entries(metricsCatalogue).filter(([, { kind }]) => kind === 'distribution');
    expect(found).toEqual(Object.fromEntries(distributions.map(([name, { unit }]) => [name, bucketsOf[unit]])));
    const passed = /namepass = \[(.*)\]/
      .exec(text)?.[1]
      ?.split(', ')
      .map((name) => name.replaceAll('"', ''));
    expect(passed).toEqual(distributions.map(([name]) => name));
  });
});
