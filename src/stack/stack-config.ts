import { join } from 'node:path';
import { packageRoot } from './layout.js';
import { host, type StackContext, type StackFacts } from './service.js';
import { bucket, region } from './services/seaweedfs.js';
import type { StackState } from './stack-state.js';

function warehouse(): string {
  return `s3a://${bucket}/warehouse`;
}

/** What the templates in `infra/` are filled with. */
export function templateValues({ ports }: StackFacts): StackContext['values'] {
  return {
    BIND_HOST: host,
    KAFKA_PORT: ports.kafka,
    KAFKA_CONTROLLER_PORT: ports.kafkaController,
    MARIADB_HOST: host,
    MARIADB_PORT: ports.mariadb,
    METASTORE_HOST: host,
    METASTORE_PORT: ports.metastore,
    METASTORE_URI: `thrift://${host}:${ports.metastore}`,
    WAREHOUSE: warehouse(),
    S3_ENDPOINT: `http://${host}:${ports.s3}`,
    S3_REGION: region,
    S3_PATH_STYLE: 'true',
    SPARK_REST_PORT: ports.sparkRest,
    TRINO_HOST: host,
    TRINO_PORT: ports.trino,
    REDIS_PORT: ports.redis,
    STATSD_PORT: ports.statsd,
    STATSD_ADMIN_PORT: ports.statsdAdmin,
    TELEGRAF_HOST: host,
    TELEGRAF_PORT: ports.telegraf,
    TELEGRAF_STATSD_PORT: ports.telegrafStatsd,
    PROMETHEUS_HOST: host,
    PROMETHEUS_PORT: ports.prometheus,
    ALERTMANAGER_HOST: host,
    ALERTMANAGER_PORT: ports.alertmanager,
  };
}

/** What `stack.json` says: addresses and paths, no secret. */
export function stackState({
  layout,
  portOffset,
  ports,
  homes,
  sharedClasses,
  tools,
  parts,
}: StackContext): StackState {
  return {
    portOffset,
    config: {
      kafka: { bootstrapServers: `${host}:${ports.kafka}` },
      spark: {
        masters: [`spark://${host}:${ports.sparkMaster}`],
        rest: [`http://${host}:${ports.sparkRest}`],
        ui: [`http://${host}:${ports.sparkMasterUi}`],
        home: homes.spark,
        classPath: [join(homes['spark-libs'], '*')],
        javaOptions: [
          `-Dlog4j2.configurationFile=file:${join(layout.conf, 'spark', 'log4j2.properties')}`,
          ...(sharedClasses.archive === null ? [] : [`-XX:SharedArchiveFile=${sharedClasses.archive}`]),
        ],
        applicationJar: join(packageRoot, 'spark-jobs', 'target', 'elt-spark-jobs.jar'),
      },
      catalog: { metastore: `thrift://${host}:${ports.metastore}`, warehouse: warehouse() },
      s3: { endpoint: `http://${host}:${ports.s3}`, region, pathStyle: true },
      trino: { url: `http://${host}:${ports.trino}` },
      redis: { url: `redis://${host}:${ports.redis}` },
      ...(parts.includes('metrics')
        ? { metrics: { statsd: `${host}:${ports.statsd}`, telegraf: `http://${host}:${ports.telegraf}/metrics` } }
        : {}),
    },
    paths: { javaHome: tools.javaHome, kafkaJars: homes.kafka, logs: layout.logs, secrets: layout.secretsFile },
  };
}
