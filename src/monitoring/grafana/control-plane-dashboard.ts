import type { AlertsConfig } from '../../commons/config-schema.js';
import { chosen, type Dashboard, type Panel, perMinute, quantiles } from './panel.js';

/** Runs, queues, workers and Spark. */
export function controlPlaneDashboard(alerts: AlertsConfig): Dashboard {
  return {
    uid: 'elt-control-plane',
    title: 'elt: Control plane',
    description: 'Runs, queues, workers and Spark.',
    panels: [...runPanels(), ...queuePanels(alerts), ...durationPanels()],
  };
}

function graph(title: string, expr: string, legend: string, more: Partial<Panel> = {}): Panel {
  return { title, kind: 'timeseries', unit: 'short', width: 12, queries: [{ expr, legend }], ...more };
}

function runPanels(): readonly Panel[] {
  return [
    graph('Active runs', `elt_active_runs{${chosen}}`, '{{pipeline}} {{stage}} {{state}}'),
    graph('Runs that ended, per minute', perMinute('elt_runs_total', ['state']), '{{state}}'),
    graph(
      'Attempts that were lost, fenced or failed, per minute',
      perMinute('elt_attempts_total', ['stage', 'state'], `${chosen},state=~"lost|fenced|failed"`),
      '{{stage}} {{state}}',
    ),
    graph('Verifications per minute', perMinute('elt_verifications_total', ['verdict']), '{{verdict}}'),
    graph('Checks per minute', perMinute('elt_checks_total', ['verdict']), '{{verdict}}'),
  ];
}

function queuePanels({ queueWait }: AlertsConfig): readonly Panel[] {
  return [
    graph('Runs that wait for a worker', 'elt_queue_depth', '{{stage}}'),
    graph('Longest wait for a worker', 'elt_oldest_waiting_seconds', '{{stage}}', {
      unit: 's',
      threshold: queueWait / 1000,
    }),
    graph('elt workers', 'elt_workers_alive', '{{stage}}'),
    graph('Spark cores that applications wait for', 'elt_spark_cores_waiting', 'waiting'),
    graph('Spark cores free', 'elt_spark_cores_free', 'free'),
    graph('Scraped by Prometheus', 'up', '{{job}}'),
  ];
}

function durationPanels(): readonly Panel[] {
  const rare = { unit: 's', mayBeEmpty: 'no run started or ended in the last minutes' } as const;
  return [
    graph('', '', '', {
      ...rare,
      title: 'Run duration',
      queries: quantiles('elt_run_duration_seconds', chosen, 'stage'),
    }),
    graph('', '', '', {
      ...rare,
      title: 'From request to a driver at work',
      queries: quantiles('elt_run_startup_seconds', chosen, 'stage'),
    }),
    graph('', '', '', {
      ...rare,
      title: 'Driver start-up: main to Spark session',
      queries: quantiles('elt_driver_startup_seconds', chosen, 'stage'),
    }),
  ];
}
