import type { AlertsConfig } from '../../commons/config-schema.js';
import { controlPlaneDashboard } from './control-plane-dashboard.js';
import { overviewDashboard } from './overview-dashboard.js';
import type { Dashboard } from './panel.js';
import { extractDashboard, transformDashboard } from './stage-dashboards.js';

/** Every dashboard; thresholds are drawn where an alert has one. */
export function dashboardsOf(alerts: AlertsConfig): readonly Dashboard[] {
  return [
    overviewDashboard(alerts),
    extractDashboard(alerts),
    transformDashboard(alerts),
    controlPlaneDashboard(alerts),
  ];
}
