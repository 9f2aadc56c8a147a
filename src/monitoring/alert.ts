export type Severity = 'critical' | 'warning' | 'none';

export interface Alert {
  readonly name: `Elt${string}`;
  readonly severity: Severity;
  /** PromQL that returns a series for each thing that is wrong. */
  readonly expr: string;
  /** How long it must be so. */
  readonly forMs: number;
  /** One line, with Prometheus' own `{{ $labels.x }}` and `{{ $value }}`. */
  readonly summary: string;
}

/** Parts of summaries, in Prometheus' template language. */
export const said = {
  pipeline: '{{ $labels.pipeline }}',
  stage: '{{ $labels.stage }} of {{ $labels.pipeline }}',
  duration: '{{ $value | humanizeDuration }}',
  count: '{{ printf "%.0f" $value }}',
} as const;

/** 90000 → `90s`; Prometheus takes whole milliseconds. */
export function promDuration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.round(ms)}ms`;
}
