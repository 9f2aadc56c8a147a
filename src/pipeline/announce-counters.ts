/** Every counter with every label it can have, at +0: a counter that appears with its first event has not increased for Prometheus. */
import type { Config } from '../commons/config.js';
import type { Metrics } from '../commons/metrics.js';
import { stagesOf } from './measure-runs.js';

const finalStates = ['succeeded', 'failed', 'stopped', 'fenced', 'lost'] as const;

export function announceCounters(config: Config, metrics: Metrics): void {
  for (const [pipeline, { extract, transform }] of Object.entries(config.pipelines)) {
    if (extract !== undefined) metrics.count('elt_events_processed_total', 0, { pipeline, table: extract.table });
    if (transform === undefined) continue;
    metrics.count('elt_silver_rows_total', 0, { pipeline, table: transform.table });
    metrics.count('elt_rejected_rows_total', 0, { pipeline, table: transform.table });
  }
  for (const labels of stagesOf(config)) {
    if (labels.stage !== 'maintain') metrics.count('elt_commits_total', 0, labels);
    for (const state of finalStates) {
      metrics.count('elt_runs_total', 0, { ...labels, state });
      metrics.count('elt_attempts_total', 0, { ...labels, state });
    }
    for (const verdict of ['pass', 'fail', 'unknown'])
      metrics.count('elt_verifications_total', 0, { ...labels, verdict });
    for (const verdict of ['pass', 'fail', 'error']) metrics.count('elt_checks_total', 0, { ...labels, verdict });
  }
}
