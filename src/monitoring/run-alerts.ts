import type { AlertsConfig } from '../commons/config-schema.js';
import { type Alert, promDuration, said } from './alert.js';

/** Is what is there right? */
export function proofAlerts({ for: forMs }: AlertsConfig) {
  return [
    {
      name: 'EltValidationFailed',
      severity: 'critical',
      expr: 'min by (pipeline, stage) (elt_last_verification_passed) == 0',
      forMs: 0,
      summary: `The newest verification of ${said.stage} failed`,
    },
    {
      name: 'EltRowsUnaccounted',
      severity: 'critical',
      expr: 'max by (pipeline) (elt_unaccounted_rows) > 0',
      forMs,
      summary: `RAW differs from SILVER plus rejects by ${said.count} rows in ${said.pipeline}`,
    },
  ] as const satisfies readonly Alert[];
}

/** How do runs end? */
export function runAlerts({ window }: AlertsConfig) {
  const ended = (state: string) =>
    `sum by (pipeline, stage) (increase(elt_attempts_total{state="${state}"}[${promDuration(window)}])) > 0`;
  return [
    {
      name: 'EltRunLost',
      severity: 'critical',
      expr: ended('lost'),
      forMs: 0,
      summary: `A run of ${said.stage} was lost: nobody who knew its driver answered`,
    },
    {
      name: 'EltRunFenced',
      severity: 'warning',
      expr: ended('fenced'),
      forMs: 0,
      summary: `A run of ${said.stage} was fenced: another writer claimed its table`,
    },
    {
      name: 'EltRunsFailing',
      severity: 'warning',
      expr: ended('failed'),
      forMs: 0,
      summary: `Runs or attempts of ${said.stage} fail`,
    },
  ] as const satisfies readonly Alert[];
}
