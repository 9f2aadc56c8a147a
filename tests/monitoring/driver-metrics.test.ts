/** What the drivers' Java code sends and what the catalogue says of it are the same, in both directions. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { metricsCatalogue } from '../../src/commons/metrics-catalogue.js';

const java = resolve(import.meta.dirname, '../../spark-jobs/src/main/java');
const kinds = { c: 'counter', g: 'gauge', d: 'distribution' } as const;

interface Sent {
  readonly kind: string;
  readonly labels: string;
}

/** By the two ways in which Metrics.java writes a line: `line(name, value, kind, labels)` and `seconds(name, ms)`. */
function sentByDrivers(): Map<string, Sent> {
  const text = readFileSync(join(java, 'elt/driver/Metrics.java'), 'utf8');
  const sent = new Map<string, Sent>();
  for (const [, name = '', kind = '', labels = ''] of text.matchAll(
    /line\("(elt_\w+)", [^\n]*?, "([cgd])", ([^\n]*)\)\)?;?\n/g,
  )) {
    const isOfTable = labels.startsWith('"#pipeline:" + pipeline + table');
    if (!isOfTable && !labels.startsWith('ofStage()')) throw new Error(`${name}: unknown labels ${labels}`);
    sent.set(name, {
      kind: kinds[kind as keyof typeof kinds],
      labels: isOfTable ? 'pipeline,table' : 'pipeline,stage',
    });
  }
  for (const [, name = ''] of text.matchAll(/seconds\("(elt_\w+)"/g)) {
    sent.set(name, { kind: 'distribution', labels: 'pipeline,stage' });
  }
  return sent;
}

test('each metric of the drivers is in the catalogue, with its kind and its labels, and none is missing', () => {
  const declared = Object.entries(metricsCatalogue)
    .filter(([, { sender }]) => sender === 'driver')
    .map(([name, { kind, labels }]) => [name, { kind, labels: labels.join() }] as const);
  expect(Object.fromEntries(sentByDrivers())).toEqual(Object.fromEntries(declared));
});

test('no other Java code names a metric', () => {
  const files = readdirSync(java, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.java'));
  const naming = files.filter((file) => /"elt_[a-z]/.test(readFileSync(join(java, file), 'utf8')));
  expect(naming).toEqual(['elt/driver/Metrics.java']);
});
