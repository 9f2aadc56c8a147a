import {
  type CounterName,
  type DistributionName,
  type GaugeName,
  type LabelsOf,
  type MetricName,
  metricsCatalogue,
} from './metrics-catalogue.js';
import { StatsdSender } from './statsd-sender.js';

/** Where measurements go. Nothing here waits, and nothing throws: metrics are signals, never the ledger. */
export interface Metrics {
  count<N extends CounterName>(name: N, by: number, labels: LabelsOf<N>): void;
  gauge<N extends GaugeName>(name: N, value: number, labels: LabelsOf<N>): void;
  distribution<N extends DistributionName>(name: N, value: number, labels: LabelsOf<N>): void;
}

/** For those who measure nothing. */
export const noMetrics: Metrics = { count: () => {}, gauge: () => {}, distribution: () => {} };

/** Sends DogStatsD datagrams. `onTrouble` hears of the first failure only. `close` sends what is buffered, within seconds. */
export function statsdMetrics(
  address: string,
  onTrouble: (error: Error) => void = () => {},
): { readonly metrics: Metrics; readonly close: () => Promise<void> } {
  const sender = new StatsdSender(address, onTrouble);
  const metrics: Metrics = {
    count: (name, by, labels) => {
      if (isSendable(name, by)) sender.send((statsd) => statsd.increment(name, by, { ...labels }));
    },
    gauge: (name, value, labels) => {
      if (isSendable(name, value)) sender.send((statsd) => statsd.gauge(name, value, { ...labels }));
    },
    distribution: (name, value, labels) => {
      if (isSendable(name, value)) sender.send((statsd) => statsd.distribution(name, value, { ...labels }));
    },
  };
  return { metrics, close: () => sender.close() };
}

/** StatsD reads a negative gauge as a change, and nobody can read NaN. */
function isSendable(name: MetricName, value: number): boolean {
  return name in metricsCatalogue && Number.isFinite(value) && value >= 0;
}
