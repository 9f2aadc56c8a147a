import type { ConfigValues } from '../commons/config-schema.js';
import { EltError } from '../commons/errors.js';
import { ownerProperty } from './launch-command.js';
import type { SubmissionSpec } from './submitter.js';

type Values = Pick<ConfigValues, 'spark' | 'catalog' | 's3' | 'redis'>;

/** What a stage asks for. */
export interface DriverRequest {
  readonly name: string;
  readonly mainClass: string;
  /** The one program argument. */
  readonly argument: Readonly<Record<string, unknown>>;
}

/** Linux limits one argument of a process to 128 KiB. */
const mostArgumentBytes = 120 * 1024;

/** The whole submission of a driver. Pure. @throws EltError `argument-too-long` */
export function submissionSpec(config: Values, request: DriverRequest): SubmissionSpec {
  const { spark } = config;
  const { jar } = codeProperties(config);
  const argument = JSON.stringify(request.argument);
  if (Buffer.byteLength(argument) > mostArgumentBytes) {
    throw new EltError(
      'argument-too-long',
      `The driver's argument has ${Buffer.byteLength(argument)} bytes, expected at most ${mostArgumentBytes}.`,
      { hint: 'The SQL of the pipeline is the largest part of it: make it shorter.' },
    );
  }
  return {
    name: request.name,
    mainClass: request.mainClass,
    jar,
    args: [argument],
    properties: {
      ...engineProperties(config, jar),
      ...catalogProperties(config),
      ...ownProperties(spark.properties),
      'spark.app.name': request.name,
      [driverOptions]: javaOptions(driverJavaOptions, spark, driverOptions),
      'spark.executor.extraJavaOptions': javaOptions(executorJavaOptions, spark, 'spark.executor.extraJavaOptions'),
      [ownerProperty]: config.redis.prefix,
    },
  };
}

/** Where drivers take their code from. */
export function codeProperties({ spark }: Pick<ConfigValues, 'spark'>): { jar: string; classPath: string | undefined } {
  const jar = spark.applicationJar.startsWith('/') ? `file:${spark.applicationJar}` : spark.applicationJar;
  return { jar, classPath: spark.classPath.length === 0 ? undefined : spark.classPath.join(':') };
}

function engineProperties({ spark }: Values, jar: string): Record<string, string> {
  const { classPath } = codeProperties({ spark });
  return {
    'spark.master': masterUrl(spark.masters),
    'spark.submit.deployMode': spark.deployMode,
    'spark.jars': jar,
    ...(classPath === undefined
      ? {}
      : { 'spark.driver.extraClassPath': classPath, 'spark.executor.extraClassPath': classPath }),
    'spark.driver.cores': String(spark.driver.cores),
    'spark.driver.memory': mebibytes(spark.driver.memory),
    'spark.executor.cores': String(spark.executor.cores),
    'spark.executor.memory': mebibytes(spark.executor.memory),
    // Unset, one application takes every core and the other stage waits for ever.
    'spark.cores.max': String(spark.coresMax),
    'spark.ui.enabled': 'false',
    ...(spark.masters.every(isLoopback)
      ? { 'spark.driver.host': '127.0.0.1', 'spark.driver.bindAddress': '127.0.0.1' }
      : {}),
  };
}

function catalogProperties({ catalog, s3, spark }: Values): Record<string, string> {
  const prefix = `spark.sql.catalog.${catalog.name}`;
  const isTheirs = spark.properties[`${prefix}.type`] !== undefined;
  return {
    // The default, a Hive session catalog on Derby, is never used and fills stderr with noise.
    'spark.sql.catalogImplementation': 'in-memory',
    'spark.sql.extensions': 'org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions',
    [prefix]: 'org.apache.iceberg.spark.SparkCatalog',
    // Iceberg's Hive catalog, without reading back what was just written. Iceberg refuses it beside a type.
    ...(isTheirs ? {} : { [`${prefix}.catalog-impl`]: 'elt.ledger.WriteThroughCatalog' }),
    // Drivers always want the newest metadata, and only the bare catalog can create namespaces.
    [`${prefix}.cache-enabled`]: 'false',
    [`${prefix}.uri`]: catalog.metastore,
    [`${prefix}.warehouse`]: catalog.warehouse,
    [`${prefix}.io-impl`]: 'org.apache.iceberg.aws.s3.S3FileIO',
    [`${prefix}.client.region`]: s3.region,
    ...(s3.endpoint === undefined ? {} : { [`${prefix}.s3.endpoint`]: s3.endpoint }),
    [`${prefix}.s3.path-style-access`]: String(s3.pathStyle),
    'spark.sql.defaultCatalog': catalog.name,
    'spark.sql.session.timeZone': 'UTC',
    // The lock of a killed writer times out by its missing heartbeat; the default (240 s) would let live ones time out too.
    'spark.hadoop.iceberg.hive.lock-heartbeat-interval-ms': '5000',
  };
}

/** Properties of `elt.yaml`, except those that say which run this is. */
function ownProperties(properties: Readonly<Record<string, string>>): Record<string, string> {
  const { 'spark.app.name': _, [ownerProperty]: __, ...rest } = properties;
  return rest;
}

const driverOptions = 'spark.driver.extraJavaOptions';
const utc = '-Duser.timezone=UTC';

const openedPackages = [
  'java.base/java.lang',
  'java.base/java.lang.invoke',
  'java.base/java.lang.reflect',
  'java.base/java.io',
  'java.base/java.net',
  'java.base/java.nio',
  'java.base/java.util',
  'java.base/java.util.concurrent',
  'java.base/java.util.concurrent.atomic',
  'java.base/jdk.internal.ref',
  'java.base/sun.nio.ch',
  'java.base/sun.nio.cs',
  'java.base/sun.security.action',
  'java.base/sun.util.calendar',
  'java.security.jgss/sun.security.krb5',
];

/** Spark's own list (org.apache.spark.launcher.JavaModuleOptions, 3.5): spark-submit adds it by itself, the REST server does not. */
const driverJavaOptions = [
  '-XX:+IgnoreUnrecognizedVMOptions',
  // Drivers plan and commit: compiling for the long run would take from the executors what they need at the start.
  '-XX:TieredStopAtLevel=1',
  ...openedPackages.map((name) => `--add-opens=${name}=ALL-UNNAMED`),
  '-Djdk.reflect.useDirectMethodHandle=false',
  utc,
].join(' ');

/** Executors live for one run: what is called some thousand times only is not worth the optimizing compiler's time. Defaults × 10. */
const executorJavaOptions = [
  '-XX:Tier4InvocationThreshold=50000',
  '-XX:Tier4MinInvocationThreshold=6000',
  '-XX:Tier4CompileThreshold=150000',
  '-XX:Tier4BackEdgeThreshold=400000',
  utc,
].join(' ');

/** Ours, then the installation's, then those of `spark.properties`: the last one wins. */
function javaOptions(ours: string, spark: Values['spark'], property: string): string {
  const installed = spark.javaOptions.map((option) => (/\s/.test(option) ? `"${option}"` : option));
  const theirs = spark.properties[property];
  const all = [ours, ...installed, ...(theirs === undefined ? [] : [theirs])].join(' ');
  // Small heaps; a JVM refuses two collectors.
  if (/-XX:\+Use\w+GC/.test(all)) return all;
  // Executors make garbage in large pieces (a fetch, a page) and nobody waits for a single pause.
  return `${property === driverOptions ? '-XX:+UseSerialGC' : '-XX:+UseParallelGC'} ${all}`;
}

/** `["spark://a:7077", "spark://b:7077"]` → `spark://a:7077,b:7077`. */
function masterUrl(masters: readonly string[]): string {
  return masters.map((url, index) => (index === 0 ? url : url.replace(/^spark:\/\//, ''))).join(',');
}

function isLoopback(master: string): boolean {
  return /^spark:\/\/(127\.|localhost[:/]|\[::1\])/.test(master);
}

function mebibytes(bytes: number): string {
  return `${Math.max(1, Math.floor(bytes / 1024 ** 2))}m`;
}
