import type { AlertsConfig } from '../../commons/config-schema.js';
import type { MetricsPrograms } from '../metrics-programs.js';
import type { StackContext } from '../service.js';

/** The path of one program of the metrics chain. */
export function metricsProgram(context: StackContext, name: keyof MetricsPrograms): string {
  return prepared(context).programs[name];
}

/** Thresholds, and where alerts go. */
export function alertSettings(context: StackContext): AlertsConfig {
  return prepared(context).alerts;
}

function prepared({ metrics }: StackContext) {
  if (metrics === undefined) throw new Error('the metrics chain is no part of this stack');
  return metrics;
}
