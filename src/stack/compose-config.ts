/**
 * Configuration of the engines in docker-compose.yml: the same templates as the native stack's, with the names of containers for
 * hosts. Each engine has a folder of its own, which only its container sees.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { AlertsConfig } from '../commons/config-schema.js';
import { alertsOf } from '../monitoring/alerts.js';
import { prometheusRules } from '../monitoring/prometheus-rules.js';
import { writeAtomically } from './files.js';
import { type Environment, packageRoot } from './layout.js';
import { metastoreDatabaseSql } from './metastore-database.js';
import { renderFile, type TemplateValues } from './render.js';

/** A rendered file: its template below `infra/`, where it goes, and what only it needs. */
export interface ComposeFile {
  readonly template: string;
  /** `ENGINE/FILE` below the configuration folder. */
  readonly target: string;
  readonly values?: TemplateValues;
}

const settings = z.object({
  S3_ENDPOINT: z.url(),
  S3_REGION: z.string().min(1),
  S3_PATH_STYLE: z.enum(['true', 'false']),
  S3_BUCKET: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  S3_ACCESS_KEY: z.string().min(1),
  S3_SECRET_KEY: z.string().min(1),
  METASTORE_DB_PASSWORD: z.string().min(1),
  ALERT_WEBHOOK: z.url().or(z.literal('')).default(''),
});

type Settings = z.output<typeof settings>;

/** What `.env` says, checked. @throws Error that names what is missing or wrong */
export function composeSettings(environment: Environment): Settings {
  const parsed = settings.safeParse(environment);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`.env is not complete (see .env.example):\n${lines.join('\n')}`);
}

/** Values that several templates share. Ports are those inside the network. */
export function composeValues(env: Settings): TemplateValues {
  return {
    BIND_HOST: '0.0.0.0',
    MARIADB_HOST: 'mariadb',
    MARIADB_PORT: 3306,
    METASTORE_HOST: 'metastore',
    METASTORE_PORT: 9083,
    METASTORE_URI: 'thrift://metastore:9083',
    WAREHOUSE: `s3a://${env.S3_BUCKET}/warehouse`,
    S3_ENDPOINT: env.S3_ENDPOINT,
    S3_REGION: env.S3_REGION,
    S3_PATH_STYLE: env.S3_PATH_STYLE,
    SPARK_REST_PORT: 6066,
    TRINO_HOST: 'trino',
    TRINO_PORT: 8090,
    REDIS_PORT: 6379,
    STATSD_PORT: 8125,
    STATSD_ADMIN_PORT: 8126,
    TELEGRAF_HOST: 'telegraf',
    TELEGRAF_PORT: 9273,
    TELEGRAF_STATSD_PORT: 8127,
    PROMETHEUS_HOST: 'prometheus',
    PROMETHEUS_PORT: 9090,
    ALERTMANAGER_HOST: 'alertmanager',
    ALERTMANAGER_PORT: 9093,
  };
}

/** Every file made from a template, in the order of the engines. `webhook`: `alerts.webhook` of elt.yaml; that of `.env` goes before it. */
export function composeFiles(env: Settings, webhook?: string): readonly ComposeFile[] {
  const trino = {
    TRINO_CONF_DIR: '/etc/trino',
    TRINO_DATA_DIR: '/data/trino',
    TRINO_PLUGIN_DIR: '/usr/lib/trino/plugin',
  };
  const url = env.ALERT_WEBHOOK === '' ? webhook : env.ALERT_WEBHOOK;
  const webhooks = url === undefined ? [] : [{ url, send_resolved: true }];
  const plain = (template: string, values: TemplateValues = {}): ComposeFile => ({
    template,
    target: template,
    values,
  });
  return [
    kafkaFile({ name: 'kafka1', id: 1, port: 9093, roles: 'broker,controller' }),
    kafkaFile({ name: 'kafka2', id: 2, port: 9092, roles: 'broker' }),
    plain('seaweedfs/s3.json', { S3_ACCESS_KEY: env.S3_ACCESS_KEY, S3_SECRET_KEY: env.S3_SECRET_KEY }),
    plain('mariadb/my.cnf', {
      MARIADB_SOCKET: '/run/mysqld/mysqld.sock',
      MARIADB_DATA_DIR: '/var/lib/mysql',
      MARIADB_USER: 'mysql',
      MARIADB_INIT_FILE: '/etc/mysql/conf.d/init.sql',
    }),
    plain('hive/metastore-site.xml', { MARIADB_PASSWORD: env.METASTORE_DB_PASSWORD }),
    plain('hive/metastore-log4j2.properties'),
    plain('spark/spark-defaults.conf', { SPARK_RECOVERY_DIR: '/opt/spark/recovery' }),
    plain('spark/log4j2.properties'),
    ...['config', 'node', 'log', 'catalog/lakehouse'].map((name) => plain(`trino/${name}.properties`, trino)),
    plain('trino/jvm.config'),
    plain('redis/redis.conf', { REDIS_DATA_DIR: '/data', REDIS_PROTECTED: 'no', REDIS_MAX_MEMORY: '160mb' }),
    plain('statsd/config.json'),
    plain('telegraf/telegraf.conf'),
    plain('prometheus/prometheus.yml', { PROMETHEUS_RULES: '/etc/prometheus/rules.yml' }),
    plain('alertmanager/alertmanager.yml', { ALERT_WEBHOOKS: JSON.stringify(webhooks) }),
  ];
}

interface Broker {
  readonly name: string;
  readonly id: number;
  /** Inside the network and on the host alike. */
  readonly port: number;
  readonly roles: string;
}

const controllerPort = 19_090;

/** Within the network brokers are known by their names; `HOST` is what the published port leads to. */
function kafkaFile({ name, id, port, roles }: Broker): ComposeFile {
  const hostPort = port + 10_000;
  const controller = roles.includes('controller') ? `,CONTROLLER://0.0.0.0:${controllerPort}` : '';
  return {
    template: 'kafka/server.properties',
    target: `${name}/server.properties`,
    values: {
      KAFKA_ROLES: roles,
      KAFKA_NODE_ID: id,
      KAFKA_VOTERS: `1@kafka1:${controllerPort}`,
      KAFKA_LISTENERS: `PLAINTEXT://0.0.0.0:${port},HOST://0.0.0.0:${hostPort}${controller}`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${name}:${port},HOST://localhost:${port}`,
      KAFKA_DATA_DIR: '/var/lib/kafka/data',
      KAFKA_REPLICAS: 2,
    },
  };
}

/**
 * Renders everything into `folder`, thresholds as `alerts` has them. The containers' users differ, so files are readable to all who
 * see the folder: one engine.
 */
export async function renderComposeConfig(
  environment: Environment,
  alerts: AlertsConfig,
  folder: string,
): Promise<readonly string[]> {
  const env = composeSettings(environment);
  const files = composeFiles(env, alerts.webhook);
  const shared = composeValues(env);
  for (const { template, target, values } of files) {
    const options = { mode: 0o644 };
    await renderFile(join(packageRoot, 'infra', template), join(folder, target), { ...shared, ...values }, options);
  }
  const made = {
    'mariadb/init.sql': metastoreDatabaseSql(env.METASTORE_DB_PASSWORD, ['%']),
    'prometheus/rules.yml': prometheusRules(alertsOf(alerts)),
  };
  for (const [name, text] of Object.entries(made)) await writeAtomically(join(folder, name), text, 0o644);
  return [...files.map(({ target }) => target), ...Object.keys(made)];
}
