import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../src/commons/config-schema.js';
import { extractSubmission } from '../../src/extract/submission.js';
import { attemptSpec } from '../../src/pipeline/run.js';
import type { DriverTask } from '../../src/pipeline/stage.js';
import { transformSubmission } from '../../src/transform/submission.js';

const pipelines = {
  numbers: {
    extract: { topic: 'number_ingestion', table: 'raw.number_ingestion', commitInterval: '5s', gaps: 'allow' },
    transform: { table: 'silver.numbers', sql: 'numbers.sql' },
  },
};

const task: DriverTask = {
  name: 'elt-extract-numbers-r1',
  runId: 'r1',
  claim: 'r1',
  pipeline: 'numbers',
  mode: 'drain',
  acceptsNewTopic: true,
  acceptsLoss: false,
  isFullRefresh: false,
};

const configured = (spark: object = {}, s3: object = {}) => configSchema.parse({ pipelines, spark, s3 });

describe('the submission of a driver', () => {
  test('EXTRACT: one argument with what the driver is to do', () => {
    const spec = extractSubmission(configured(), task);
    expect(spec).toMatchObject({ name: task.name, mainClass: 'elt.extract.ExtractDriver' });
    expect(spec.args).toHaveLength(1);
    expect(JSON.parse(spec.args[0] ?? '')).toEqual({
      runId: 'r1',
      claim: 'r1',
      pipeline: 'numbers',
      stage: 'extract',
      mode: 'drain',
      catalog: 'lakehouse',
      table: 'raw.number_ingestion',
      commitIntervalMs: 5000,
      maxRowsPerCommit: 10_000_000,
      kafka: { bootstrapServers: '127.0.0.1:9092', topic: 'number_ingestion', properties: {} },
      startFrom: 'earliest',
      gaps: 'allow',
      acceptNewTopic: true,
      acceptLoss: false,
    });
  });

  test('TRANSFORM reads RAW of its pipeline and writes rejects beside SILVER', () => {
    const spec = transformSubmission(configured(), task, 'SELECT "a"\nFROM raw');
    expect(JSON.parse(spec.args[0] ?? '')).toMatchObject({
      stage: 'transform',
      from: 'raw.number_ingestion',
      table: 'silver.numbers',
      rejectsTable: 'silver.numbers_rejects',
      sql: 'SELECT "a"\nFROM raw',
      acceptedWindow: { past: 3_153_600_000_000, future: 86_400_000 },
      fullRefresh: false,
    });
  });

  test('every property is a text, cores are limited, the driver opens what Java 17 closes', () => {
    const { properties } = extractSubmission(configured(), task);
    for (const value of Object.values(properties)) expect(typeof value).toBe('string');
    expect(properties).toMatchObject({
      'spark.app.name': task.name,
      'spark.cores.max': '2',
      'spark.driver.memory': '1024m',
      'spark.sql.catalog.lakehouse.catalog-impl': 'elt.ledger.WriteThroughCatalog',
      'spark.hadoop.iceberg.hive.lock-heartbeat-interval-ms': '5000',
    });
    expect(properties['spark.driver.extraJavaOptions']).toContain('--add-opens=java.base/sun.nio.ch=ALL-UNNAMED');
  });

  test('on loopback the driver binds to loopback; on a cluster it does not', () => {
    expect(extractSubmission(configured(), task).properties['spark.driver.bindAddress']).toBe('127.0.0.1');
    const cluster = configured({ masters: ['spark://a:7077', 'spark://b:7077'] });
    const { properties } = extractSubmission(cluster, task);
    expect(properties['spark.driver.bindAddress']).toBeUndefined();
    expect(properties['spark.master']).toBe('spark://a:7077,b:7077');
  });

  test('properties of elt.yaml win, but not over who this run is, and Java options are added to ours', () => {
    const own = { 'spark.app.name': 'x', 'spark.cores.max': '9', 'spark.driver.extraJavaOptions': '-Dmine=1' };
    const { properties } = extractSubmission(configured({ properties: own }), task);
    expect(properties['spark.app.name']).toBe(task.name);
    expect(properties['spark.cores.max']).toBe('9');
    expect(properties['spark.driver.extraJavaOptions']).toMatch(/--add-opens.* -Dmine=1$/);
  });

  test('a catalog of another type takes the place of ours', () => {
    const own = { 'spark.sql.catalog.lakehouse.type': 'rest' };
    const { properties } = extractSubmission(configured({ properties: own }), task);
    expect(properties).toMatchObject(own);
    expect(properties['spark.sql.catalog.lakehouse.catalog-impl']).toBeUndefined();
  });

  test('a driver compiles for a short life; its collector is the small one unless another is chosen', () => {
    const options = (own: Record<string, string>) =>
      extractSubmission(configured({ properties: own }), task).properties['spark.driver.extraJavaOptions'];
    expect(options({})).toMatch(/^-XX:\+UseSerialGC .*-XX:TieredStopAtLevel=1 /);
    expect(options({ 'spark.driver.extraJavaOptions': '-XX:+UseG1GC' })).not.toContain('UseSerialGC');
  });

  test('an executor collects for throughput unless another collector is chosen, and leaves what is seldom called to the first compiler', () => {
    const options = (own: Record<string, string>) =>
      extractSubmission(configured({ properties: own }), task).properties['spark.executor.extraJavaOptions'];
    expect(options({})).toMatch(/^-XX:\+UseParallelGC .*-XX:Tier4InvocationThreshold=50000 /);
    expect(options({ 'spark.executor.extraJavaOptions': '-XX:+UseZGC' })).toMatch(
      /^(?!.*UseParallelGC).*-XX:\+UseZGC$/,
    );
  });

  test('an endpoint is set only where one is configured: absent means AWS', () => {
    const key = 'spark.sql.catalog.lakehouse.s3.endpoint';
    expect(extractSubmission(configured(), task).properties[key]).toBeUndefined();
    expect(extractSubmission(configured({}, { endpoint: 'http://s3:1' }), task).properties[key]).toBe('http://s3:1');
  });

  test('SQL beyond what one argument of a process may hold is refused', () => {
    expect(() => transformSubmission(configured(), task, 'x'.repeat(130_000))).toThrow(/expected at most 122880/);
  });

  test('a later attempt has a name and a claim of its own, and the same run id', () => {
    const spec = extractSubmission(configured(), task);
    expect(attemptSpec({ spec, attempt: 1, runId: 'r1' })).toBe(spec);
    const second = attemptSpec({ spec, attempt: 2, runId: 'r1' });
    expect(second.name).toBe('elt-extract-numbers-r1-2');
    expect(second.properties['spark.app.name']).toBe(second.name);
    expect(JSON.parse(second.args[0] ?? '')).toMatchObject({
      runId: 'r1',
      claim: 'r1.2',
      table: 'raw.number_ingestion',
    });
  });
});
