/** Poisoned configurations: each is refused as a whole, with the key, and without repeating what may be a secret. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/commons/config.js';
import { EltError } from '../../src/commons/errors.js';

const extract = { topic: 'numbers', table: 'raw.numbers' };
const transform = { table: 'silver.numbers', sql: 'numbers.sql' };
const jaas = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="hunter2";';
let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'elt-bad-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function refusal(text: string): string {
  writeFileSync(join(cwd, 'elt.yaml'), text);
  try {
    loadConfig({ env: {}, cwd });
  } catch (error) {
    expect(error).toBeInstanceOf(EltError);
    expect((error as EltError).exitCode).toBe(2);
    return (error as EltError).message;
  }
  return 'accepted';
}

const declared = (changes: object) => stringify({ pipelines: { numbers: { extract, transform } }, ...changes });
const withTransform = (changes: object) =>
  stringify({ pipelines: { numbers: { extract, transform: { ...transform, ...changes } } } });
const withExtract = (changes: object) => stringify({ pipelines: { numbers: { extract: { ...extract, ...changes } } } });

test.each<[string, string, RegExp]>([
  ['a command in a topic', withExtract({ topic: '$(reboot)' }), /extract\.topic: expected a Kafka topic name/],
  [
    'a second statement in a table',
    withExtract({ table: 'raw.x; DROP TABLE y' }),
    /extract\.table: expected schema\.table/,
  ],
  ['a path in a table', withExtract({ table: '../raw.x' }), /extract\.table: expected schema\.table/],
  ['a command in a pipeline name', stringify({ pipelines: { 'a;b': { extract } } }), /expected a name of lower-case/],
  [
    'a line break in a broker',
    declared({ kafka: { bootstrapServers: 'a:1\nb:2' } }),
    /bootstrapServers: expected (host:port|one line)/,
  ],
  [
    'a command in a broker',
    declared({ kafka: { bootstrapServers: '$(id):9092' } }),
    /bootstrapServers: expected host:port/,
  ],
  [
    'a line break in a property',
    declared({ spark: { properties: { 'spark.x': 'a\nspark.y=b' } } }),
    /spark\.properties\.spark\.x: expected one line of text/,
  ],
  [
    'an option as a property name',
    declared({ spark: { properties: { '--jars x': 'a' } } }),
    /spark\.properties: expected names.*--jars x/,
  ],
  [
    'a NUL byte',
    declared({ catalog: { warehouse: 's3a://a\u0000b' } }),
    /catalog\.warehouse: expected one line.*U\+0000/,
  ],
  [
    'SQL from elsewhere',
    withTransform({ sql: '../../etc/passwd' }),
    /transform\.sql: expected a path below the folder/,
  ],
  ['SQL from anywhere', withTransform({ sql: '/etc/passwd' }), /transform\.sql: expected a path below the folder/],
  [
    'a jar from a web server',
    declared({ spark: { applicationJar: 'http://evil/x.jar' } }),
    /applicationJar: code is not taken from a web server/,
  ],
  [
    'a class path from a web server',
    declared({ spark: { classPath: ['/a', 'HTTPS://evil/x.jar'] } }),
    /classPath: code is not taken/,
  ],
  [
    'jars from a web server',
    declared({ spark: { properties: { 'spark.jars': '/a.jar,ftp://evil/x.jar' } } }),
    /spark\.jars: code is not taken/,
  ],
  [
    'a JAAS entry by its key',
    declared({ kafka: { properties: { 'sasl.jaas.config': jaas } } }),
    /ELT_KAFKA_SASL_JAAS_CONFIG/,
  ],
  [
    'a JAAS entry under another key',
    declared({ kafka: { properties: { 'sasl.other': jaas } } }),
    /JAAS entry.*ELT_KAFKA_SASL_JAAS_CONFIG/,
  ],
  ['a JAAS entry anywhere', declared({ catalog: { metastore: jaas } }), /catalog\.metastore: this is a JAAS entry/],
  [
    'unknown keys',
    declared({ sparks: {}, kafka: { boostrapServers: 'a:1' } }),
    /sparks: unknown key.*\n.*|boostrapServers: unknown key, did you mean/,
  ],
  [
    'what an object inherits',
    `__proto__: { redis: { url: "redis://evil" } }\n${declared({})}`,
    /__proto__: unknown key/,
  ],
  [
    'the same further down',
    declared({}).replace('pipelines:', 'pipelines:\n  __proto__: {}'),
    /__proto__: unknown key/,
  ],
  ['10 MB', `# ${'x'.repeat(10_000_000)}\n${declared({})}`, /has 100000\d\d bytes|has 10000\d{3} bytes/],
  ['aliases that unfold', bomb(), /Excessive alias count/],
  [
    'a schedule of a follower',
    withTransform({ mode: 'follow', schedule: { every: '1m' } }),
    /schedule: a run that follows.*expected "mode: drain"/,
  ],
  ['the same by default', withExtract({ schedule: { every: '1m' } }), /extract\.schedule: a run that follows/],
  [
    'no such minute',
    withTransform({ schedule: { cron: '61 * * * *' } }),
    /schedule\.cron: expected five fields.*minute "61"/,
  ],
  [
    'no such time zone',
    withTransform({ schedule: { cron: '0 * * * *', timeZone: 'Mars/Base' } }),
    /timeZone: expected a name of the time zone database.*Mars\/Base/,
  ],
  ['too often', withTransform({ schedule: { every: '10ms' } }), /schedule\.every: expected at least "1s"/],
  ['both at once', withTransform({ schedule: { every: '1m', cron: '0 * * * *' } }), /schedule.*unknown key/],
])('%s is refused', (_, yaml, message) => {
  const said = refusal(yaml);
  expect(said).toMatch(message);
  expect(said).not.toContain('hunter2');
  expect(said.length).toBeLessThan(2_000);
});

test('what is meant well is accepted', () => {
  const schedule = { cron: '*/5 6-22 * * mon-fri', timeZone: 'Europe/Paris' };
  expect(refusal(withTransform({ schedule, sql: 'sql/numbers.sql' }))).toBe('accepted');
  expect(refusal(withExtract({ mode: 'drain', schedule: { every: '15m' } }))).toBe('accepted');
  expect(refusal(declared({ kafka: { bootstrapServers: 'kafka1:9092, [::1]:9093' } }))).toBe('accepted');
  expect(refusal(declared({ spark: { applicationJar: 's3a://jars/elt.jar', classPath: ['/opt/jars/*'] } }))).toBe(
    'accepted',
  );
});

function bomb(): string {
  const ten = (name: string) => `[${Array.from({ length: 10 }, () => name).join(',')}]`;
  return `a: &a ${ten('x')}\nb: &b ${ten('*a')}\nc: &c ${ten('*b')}\nd: &d ${ten('*c')}\npipelines: ${ten('*d')}\n`;
}
