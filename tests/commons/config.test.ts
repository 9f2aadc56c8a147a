import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/commons/config.js';
import { EltError } from '../../src/commons/errors.js';

const minimal = `pipelines:
  numbers:
    extract: { topic: number_ingestion, table: raw.number_ingestion }
    transform: { table: silver.numbers, sql: numbers.sql }
`;

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'elt-config-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true });
});

function declare(text: string): void {
  writeFileSync(join(cwd, 'elt.yaml'), text);
}

function problemsOf(env: Record<string, string> = {}): string {
  try {
    loadConfig({ env, cwd });
  } catch (error) {
    expect(error).toBeInstanceOf(EltError);
    expect((error as EltError).exitCode).toBe(2);
    return (error as EltError).message;
  }
  throw new Error('expected the configuration to be refused');
}

describe('layers', () => {
  test('defaults < native stack < elt.yaml < environment < flags, each value with its origin', () => {
    declare(`spark: { coresMax: 3 }\nkafka: { bootstrapServers: "yaml:1" }\n${minimal}`);
    const stackDir = join(cwd, 'stack');
    mkdirSync(stackDir);
    const stack = { kafka: { bootstrapServers: 'stack:1' }, redis: { url: 'redis://127.0.0.1:7379' } };
    writeFileSync(join(stackDir, 'stack.json'), JSON.stringify({ portOffset: 1000, config: stack }));

    const config = loadConfig({
      env: { ELT_STACK_DIR: 'stack', ELT_SPARK_CORES_MAX: '4', ELT_SPARK_UI: 'http://a:1, http://b:2' },
      cwd,
      flags: { 'spark.submitter': 'spark-submit', 'log.level': undefined },
    });

    expect(config.redis.url).toBe('redis://127.0.0.1:7379');
    expect(config.kafka.bootstrapServers).toBe('yaml:1');
    expect(config.spark.coresMax).toBe(4);
    expect(config.spark.ui).toEqual(['http://a:1', 'http://b:2']);
    expect(config.spark.submitter).toBe('spark-submit');
    expect(config.stackDir).toBe(stackDir);
    expect(config.origins.get('kafka.bootstrapServers')).toBe('elt.yaml:2');
    expect(config.origins.get('spark.coresMax')).toBe('ELT_SPARK_CORES_MAX');
    expect(config.origins.get('spark.submitter')).toBe('--submitter');
    expect(config.origins.get('redis.url')).toContain('stack.json');
    expect(config.origins.has('log.level')).toBe(false);
  });

  test('declared pipelines can be set by environment, lists of texts too', () => {
    declare(minimal);
    const env = { ELT_PIPELINES_NUMBERS_EXTRACT_COMMIT_INTERVAL: '2s', ELT_SPARK_CLASS_PATH: '/a/*,/b.jar' };
    const config = loadConfig({ env, cwd });
    expect(config.pipelines.numbers?.extract?.commitInterval).toBe(2000);
    expect(config.spark.classPath).toEqual(['/a/*', '/b.jar']);
  });

  test('the nearest elt.yaml above the working folder is found, and its folder is the base', () => {
    declare(minimal);
    const below = join(cwd, 'a', 'b');
    mkdirSync(below, { recursive: true });
    const config = loadConfig({ env: {}, cwd: below });
    expect(config.file).toBe(join(cwd, 'elt.yaml'));
    expect(config.baseDir).toBe(cwd);
  });

  test('without any file the defaults hold and no pipeline is declared', () => {
    const config = loadConfig({ env: {}, cwd });
    expect(config.file).toBeNull();
    expect(config.pipelines).toEqual({});
  });

  test('the value is frozen all the way down', () => {
    declare(minimal);
    const config = loadConfig({ env: {}, cwd });
    expect(() => {
      (config.spark as { coresMax: number }).coresMax = 9;
    }).toThrow(TypeError);
  });
});

describe('problems', () => {
  test('name the value, if it is a number or a choice', () => {
    declare(`spark: { submitter: ssh, driver: { cores: 1.5 } }
dashboard: { port: 99999 }
pipelines:
  numbers:
    extract: { topic: t, table: raw.t, maxRowsPerCommit: 0 }
`);
    const problems = problemsOf();
    for (const expected of [
      'spark.submitter: expected one of rest, spark-submit, got "ssh"',
      'spark.driver.cores: expected a whole number, got 1.5',
      'dashboard.port: expected at most 65535, got 99999',
      'maxRowsPerCommit: expected at least 1, got 0',
    ]) {
      expect(problems).toContain(expected);
    }
  });

  test('are reported all at once, each with its line and what was expected', () => {
    declare(`kafka:
  bootstrapServer: localhost:9092
spark:
  coresMax: many
pipelines:
  numbers:
    extract:
      topik: x
      table: Raw-Table
      commitInterval: 10 seconds
    transform: { table: silver.numbers, sql: a.sql, schedule: { evry: 1m } }
  Bad-Name:
    extract: { topic: t, table: raw.t }
  empty: {}
`);
    const lines = problemsOf().split('\n');
    expect(lines).toContainEqual(
      expect.stringMatching(/elt\.yaml:2 {2}kafka\.bootstrapServer: unknown key, did you mean "bootstrapServers"\?/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/elt\.yaml:4 {2}spark\.coresMax: expected a number, got "many"/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/elt\.yaml:8 {2}pipelines\.numbers\.extract\.topik: unknown key, did you mean "topic"\?/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/elt\.yaml:7 {2}pipelines\.numbers\.extract\.topic: missing/));
    expect(lines).toContainEqual(
      expect.stringMatching(/elt\.yaml:9 {2}pipelines\.numbers\.extract\.table: expected schema\.table/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/elt\.yaml:10 .*commitInterval: expected a duration like "10s".*got "10 seconds"/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/elt\.yaml:11 .*schedule\.evry: unknown key, did you mean "every"\?/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/elt\.yaml:12 {2}pipelines\.Bad-Name: expected a name/));
    expect(lines).toContainEqual(
      expect.stringMatching(/elt\.yaml:14 {2}pipelines\.empty: expected "extract", "transform" or both/),
    );
  });

  test('a bad value from the environment names the variable', () => {
    declare(minimal);
    expect(problemsOf({ ELT_SPARK_WORKER_TIMEOUT: 'soon' })).toContain(
      'ELT_SPARK_WORKER_TIMEOUT  spark.workerTimeout: expected a duration',
    );
  });

  test('YAML that cannot be parsed and keys written twice have lines too', () => {
    declare('pipelines:\n  a: 1\n  a: 2\n');
    expect(problemsOf()).toMatch(/elt\.yaml:3 {2}Map keys must be unique/);
    declare('pipelines: [\n');
    expect(problemsOf()).toMatch(/elt\.yaml:\d/);
  });

  test('two writers of one table, rejects included', () => {
    declare(`pipelines:
  a:
    extract: { topic: t, table: raw.t }
    transform: { table: silver.t, sql: a.sql }
  b:
    extract: { topic: u, table: raw.t }
    transform: { table: silver.t_rejects, sql: b.sql, rejectsTable: silver.x }
`);
    const message = problemsOf();
    expect(message).toContain(
      'elt.yaml:6  pipelines.b.extract.table: raw.t is written by pipelines.a.extract.table too',
    );
    expect(message).toContain('silver.t_rejects is written by pipelines.a.transform.rejectsTable too');
  });

  test('secrets in properties are refused, and the message does not repeat them', () => {
    declare(
      `kafka: { properties: { sasl.jaas.config: hunter2 } }\nspark: { properties: { spark.hadoop.fs.s3a.secret.key: hunter2 } }\n${minimal}`,
    );
    const message = problemsOf();
    expect(message).toContain('ELT_KAFKA_SASL_JAAS_CONFIG');
    expect(message).toContain('spark.properties.spark.hadoop.fs.s3a.secret.key');
    expect(message).not.toContain('hunter2');
  });

  test('a named file that is not there', () => {
    expect(() => loadConfig({ env: {}, cwd, file: 'other.yaml' })).toThrow(/other\.yaml does not exist/);
  });

  test('unknown ELT_ variables are warnings with what was probably meant; those of engines and tests are not ours', () => {
    declare(minimal);
    const config = loadConfig({ env: { ELT_REDIS_URI: 'redis://x', ELT_KAFKA_SASL_MECHANISM: 'PLAIN' }, cwd });
    expect(config.warnings).toEqual(['ELT_REDIS_URI names no configuration key, did you mean "ELT_REDIS_URL"?']);
  });
});
