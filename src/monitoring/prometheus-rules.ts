import { stringify } from 'yaml';
import { type Alert, promDuration } from './alert.js';

/** Where an alert is explained, from the root of the repository. */
export function runbookOf({ name }: Pick<Alert, 'name'>): string {
  return `docs/runbooks/${name}.md`;
}

/** The rules file of Prometheus. */
export function prometheusRules(alerts: readonly Alert[]): string {
  const rules = alerts.map((alert) => ({
    alert: alert.name,
    expr: alert.expr,
    for: promDuration(alert.forMs),
    labels: { severity: alert.severity },
    annotations: { summary: alert.summary, runbook: runbookOf(alert) },
  }));
  const head = '# Made from src/monitoring/alerts.ts and the `alerts` of elt.yaml: npm run generate:monitoring\n';
  return head + stringify({ groups: [{ name: 'elt', rules }] }, { lineWidth: 0 });
}
