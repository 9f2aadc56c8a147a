/** Every alert there is. Prometheus rules and Grafana's alert rules are made from this list, and each has a page in docs/runbooks. */
import type { AlertsConfig } from '../commons/config-schema.js';
import type { Alert } from './alert.js';
import { eventAlerts, lagAlerts } from './flow-alerts.js';
import { proofAlerts, runAlerts } from './run-alerts.js';
import { systemAlerts } from './system-alerts.js';

/** The alerts with these thresholds. */
export function alertsOf(config: AlertsConfig): readonly Alert[] {
  return [
    ...eventAlerts(config),
    ...lagAlerts(config),
    ...proofAlerts(config),
    ...runAlerts(config),
    ...systemAlerts(config),
  ];
}
