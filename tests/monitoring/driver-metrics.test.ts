/** What the Java drivers send, held to the catalogue, both ways: read from their sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { metricsCatalogue } from '../../src/commons/metrics-catalogue.js';
import { packageRoot } from '../../src/stack/layout.js';

interface Sent {
  readonly name: string;
  readonly kind: string;
  readonly labels: readonly string[];
}

const sources = join(packageRoot, 'spark-jobs/src/main/java');
const java = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.java'))
  .map((name) => readFileSync(join(sources, name), 'utf8'));
const text = readFileSync(join(sources, 'elt/driver/Metrics.java'), 'utf8');

const kinds: Readonly<Record<string, string>> = { c: 'counter', g: 'gauge', d: 'distribution' };
const byName = (left: Sent, right: Sent) => left.name.localeCompare(right.name);

/** Labels in an expression of Java, with the method and the variable that it may use written out. */
function labelsOf(expression: string): string[] {
  const method = /String ofStage\(\) \{\s+return (.*);/.exec(text)?.[1] ?? '';
  const variable = /String table = (.*);/.exec(text)?.[1] ?? '';
  const whole = expression.replace('ofStage()', method).replace(/\+ table\b/, `+ ${variable}`);
  return [...whole.matchAll(/[#,](\w+):/g)].map(([, label = '']) => label);
}

/** Every call that makes a line of a datagram. */
function sent(): readonly Sent[] {
  const seconds = /String seconds\([\s\S]*?String\.format\(.*\|(\w)\|%s", .*, (\w+\(\))\);/.exec(text) ?? [];
  const calls = [...text.matchAll(/\bline\("(\w+)", .*?, "(\w)", (.*);|\bseconds\("(\w+)", .*;/g)];
  return calls.map(([, name, kind = seconds[1] ?? '', labels = seconds[2] ?? '', ofSeconds]) => {
    return { name: name ?? ofSeconds ?? '', kind: kinds[kind] ?? kind, labels: labelsOf(labels) };
  });
}

test('drivers send what the catalogue has of them: name, kind and labels, and nothing is left out', () => {
  const declared = Object.entries(metricsCatalogue)
    .filter(([, { sender }]) => sender === 'driver')
    .map(([name, { kind, labels }]) => ({ name, kind, labels }));
  expect(sent().toSorted(byName)).toEqual(declared.toSorted(byName));
});

test('no other source of the drivers names a metric, and none is named that was not understood here', () => {
  const named = java.flatMap((source) => [...source.matchAll(/"(elt_[a-z_]+)"/g)].map(([, name]) => name));
  expect(named.toSorted()).toEqual(
    sent()
      .map(({ name }) => name)
      .toSorted(),
  );
});
