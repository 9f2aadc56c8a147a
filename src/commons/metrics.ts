import { StatsD } from 'hot-shots';
import {
  type CounterName,
  type DistributionName,
  type GaugeName,
  type LabelsOf,
  type MetricName,
  metricsCatalogue,
} from './metrics-catalogue.js';
import { parseStatsdAddress } from './statsd-address.js';

/** Where measurements go. Nothing here waits, and nothing throws: metrics are signals, never the ledger. */
export interface Metrics {
  count<N extends CounterName>(name: N, by: number, labels: LabelsOf<N>): void;
  gauge<N extends GaugeName>(name: N, value: number, labels: LabelsOf<N>): void;
  distribution<N extends DistributionName>(name: N, value: number, labels: LabelsOf<N>): void;
}

/** For those who measure nothing. */
export const noMetrics: Metrics = { count: () => {}, gauge: () => {}, distribution: () => {} };

/** More in one datagram would be cut into fragments, of which a loaded receiver loses some. */
const datagramBytes = 1432;

/** Sends DogStatsD datagrams. `onTrouble` hears of the first failure only. `close` sends what is buffered, within a second. */
export function statsdMetrics(
  address: string,
  onTrouble: (error: Error) => void = () => {},
): { readonly metrics: Metrics; readonly close: () => Promise<void> } {
  const parsed = parseStatsdAddress(address);
  if (parsed === undefined) throw new Error(`metrics.statsd: expected host:port, got "${address}"`);
  let hasFailed = false;
  const client = new StatsD({
    ...parsed,
    cacheDns: true,
    maxBufferSize: datagramBytes,
    includeDataDogTags: false,
    includeDatadogTelemetry: false,
    errorHandler: (error) => {
      if (!hasFailed) onTrouble(error);
      hasFailed = true;
    },
  });
  const metrics: Metrics = {
    count: (name, by, labels) => {
      if (isSendable(name, by)) client.increment(name, by, tags(labels));
    },
    gauge: (name, value, labels) => {
      if (isSendable(name, value)) client.gauge(name, value, tags(labels));
    },
    distribution: (name, value, labels) => {
      if (isSendable(name, value)) client.distribution(name, value, tags(labels));
    },
  };
  return { metrics, close: () => new Promise((resolve) => client.close(() => resolve())) };
}

/** StatsD reads a negative gauge as a change, and nobody can read NaN. */
function isSendable(name: MetricName, value: number): boolean {
  return name in metricsCatalogue && Number.isFinite(value) && value >= 0;
}

function tags(labels: Readonly<Record<string, string>>): Record<string, string> {
  return { ...labels };
}
