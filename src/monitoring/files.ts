import type { AlertsConfig } from '../commons/config-schema.js';
import { alertsOf } from './alerts.js';
import { dashboardJson } from './grafana/dashboard-json.js';
import { dashboardsOf } from './grafana/dashboards.js';
import { alertRulesYaml, dashboardProviderYaml, datasourceYaml } from './grafana/provisioning.js';
import { prometheusRules } from './prometheus-rules.js';

/** Every file that is made from the catalogues, by its path below `infra/`. */
export function monitoringFiles(config: AlertsConfig): ReadonlyMap<string, string> {
  const alerts = alertsOf(config);
  const dashboards = dashboardsOf(config);
  return new Map([
    ['prometheus/rules.yml', prometheusRules(alerts)],
    ['grafana/provisioning/datasources/prometheus.yml', datasourceYaml()],
    ['grafana/provisioning/dashboards/elt.yml', dashboardProviderYaml()],
    ['grafana/provisioning/alerting/rules.yml', alertRulesYaml(alerts)],
    ...dashboards.map((one): [string, string] => [
      `grafana/dashboards/${one.uid.replace(/^elt-/, '')}.json`,
      dashboardJson(one),
    ]),
  ]);
}
