import { stringify } from 'yaml';
import { type Alert, promDuration } from '../alert.js';
import { runbookOf } from '../prometheus-rules.js';
import { datasourceUid } from './dashboard-json.js';

const head = '# Made from src/monitoring: npm run generate:monitoring\n';
const folder = 'elt';

/** Grafana's data source; where Prometheus is comes from the environment, which Grafana fills in by itself. */
export function datasourceYaml(): string {
  const prometheus = {
    name: 'Prometheus',
    uid: datasourceUid,
    type: 'prometheus',
    access: 'proxy',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the same placeholders as in the other files of infra/
    url: 'http://${PROMETHEUS_HOST}:${PROMETHEUS_PORT}',
    isDefault: true,
    editable: false,
    jsonData: { httpMethod: 'POST', timeInterval: '5s' },
  };
  return head + stringify({ apiVersion: 1, datasources: [prometheus] });
}

/** Where Grafana finds the dashboards: a folder that compose mounts. */
export function dashboardProviderYaml(): string {
  const provider = {
    name: 'elt',
    type: 'file',
    folder,
    disableDeletion: true,
    allowUiUpdates: false,
    options: { path: '/etc/grafana/dashboards' },
  };
  return head + stringify({ apiVersion: 1, providers: [provider] });
}

/** The same alerts as Prometheus' own: each fires when its expression returns a series, whatever the value. */
export function alertRulesYaml(alerts: readonly Alert[]): string {
  const group = { orgId: 1, name: 'elt', folder, interval: '30s', rules: alerts.map(alertRule) };
  return head + stringify({ apiVersion: 1, groups: [group] }, { lineWidth: 0 });
}

function alertRule(alert: Alert) {
  return {
    uid: alertUid(alert.name),
    title: alert.name,
    condition: 'B',
    data: [
      {
        refId: 'A',
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid,
        model: { refId: 'A', expr: alert.expr, instant: true, range: false },
      },
      {
        refId: 'B',
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid: '__expr__',
        model: {
          refId: 'B',
          type: 'threshold',
          expression: 'A',
          conditions: [{ evaluator: { type: 'gt', params: [-1] } }],
        },
      },
    ],
    // No series is no alert; a metric that is missing has an alert of its own.
    noDataState: 'OK',
    execErrState: 'Error',
    for: promDuration(alert.forMs),
    // The Watchdog is Alertmanager's: Grafana would send it to its default contact point for ever.
    isPaused: alert.severity === 'none',
    labels: { severity: alert.severity },
    annotations: { summary: grafanaTemplate(alert.summary), runbook: runbookOf(alert) },
  };
}

/** `EltLagSecondsHigh` → `elt-lag-seconds-high`. */
function alertUid(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

/** Grafana's templates name values by query. Without any `$`: Grafana takes that for a variable of its environment. */
function grafanaTemplate(summary: string): string {
  return summary.replaceAll('$value', '.Values.A.Value').replaceAll('$labels', '.Labels');
}
