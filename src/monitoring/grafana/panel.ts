/** What a panel shows, apart from how Grafana writes it down. */
import { bucketsOf, type DistributionName, metricsCatalogue } from '../../commons/metrics-catalogue.js';

export interface Query {
  readonly expr: string;
  /** Grafana's legend, with `{{label}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly kind: 'timeseries' | 'stat';
  /** Grafana's unit id. */
  readonly unit: 'short' | 's' | 'bytes' | 'bool_yes_no';
  readonly queries: readonly Query[];
  /** Of 24 columns. */
  readonly width: 6 | 8 | 12 | 24;
  /** Drawn as a line: where an alert fires. */
  readonly threshold?: number;
  /** Why the panel may rightly show nothing on a healthy system. */
  readonly mayBeEmpty?: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
}

/** Selects the pipelines that the reader chose. */
export const chosen = 'pipeline=~"$pipeline"';

/** How often a counter grew per minute, by these labels. */
export function perMinute(counter: string, by: readonly string[], selector = chosen): string {
  return `sum by (${by.join(', ')}) (rate(${counter}{${selector}}[$__rate_interval])) * 60`;
}

/** The median and the 95th percentile of a distribution. */
export function quantiles(name: DistributionName, selector: string, by: string): readonly Query[] {
  if (bucketsOf[metricsCatalogue[name].unit] === undefined) throw new Error(`${name} has no buckets`);
  const rate = `sum by (le, ${by}) (rate(${bucketSeries(name)}{${selector}}[$__rate_interval]))`;
  return [0.5, 0.95].map((q) => ({
    expr: `histogram_quantile(${q}, ${rate})`,
    legend: `p${q * 100} {{${by}}}`,
  }));
}

/** The series that Telegraf makes of a distribution: its field is called `value`. */
export function bucketSeries(name: DistributionName): string {
  return `${name}_value_bucket`;
}
