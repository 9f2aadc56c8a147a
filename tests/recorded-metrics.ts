import type { Metrics } from '../src/commons/metrics.js';

export type Sent = [name: string, value: number, labels: Readonly<Record<string, string>>];

/** Metrics that remember what they were told. */
export function recorder(): { readonly metrics: Metrics; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const note = (name: string, value: number, labels: Readonly<Record<string, string>>) => {
    sent.push([name, value, labels]);
  };
  return { metrics: { count: note, gauge: note, distribution: note }, sent };
}
