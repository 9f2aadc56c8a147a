import type { AlertsConfig } from '../commons/config-schema.js';
import { type Alert, said } from './alert.js';

/** Is everybody there who has to work, and who has to tell? */
export function systemAlerts({ for: forMs, queueWait }: AlertsConfig) {
  return [
    {
      name: 'EltNoWorker',
      severity: 'critical',
      expr: 'max by (stage) (elt_workers_alive) == 0',
      forMs,
      summary: 'No elt worker serves the queue of {{ $labels.stage }}',
    },
    {
      name: 'EltRunWaitsLong',
      severity: 'warning',
      expr: `max by (stage) (elt_oldest_waiting_seconds) > ${queueWait / 1000}`,
      forMs: 0,
      summary: `A run of {{ $labels.stage }} has waited ${said.duration} for a worker`,
    },
    {
      name: 'EltSparkCoresMissing',
      severity: 'warning',
      expr: 'max(elt_spark_cores_waiting) > 0',
      forMs,
      summary: `Spark applications wait for ${said.count} cores`,
    },
    {
      name: 'EltMetricsMissing',
      severity: 'critical',
      expr: 'absent(elt_workers_alive)',
      forMs,
      summary: 'No elt worker reports: nothing is known of lag, freshness and queues',
    },
    {
      name: 'EltTargetDown',
      severity: 'critical',
      expr: 'max by (job) (up) == 0',
      forMs,
      summary: 'Prometheus cannot scrape {{ $labels.job }}',
    },
    {
      name: 'EltWatchdog',
      severity: 'none',
      expr: 'vector(1)',
      forMs: 0,
      summary: 'Always fires: when it does not arrive, alerting itself is broken',
    },
  ] as const satisfies readonly Alert[];
}
