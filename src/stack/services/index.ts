import type { Service, StackPart } from '../service.js';
import { alertmanager } from './alertmanager.js';
import { kafka } from './kafka.js';
import { mariadb } from './mariadb.js';
import { metastore } from './metastore.js';
import { prometheus } from './prometheus.js';
import { redis } from './redis.js';
import { s3 } from './seaweedfs.js';
import { sparkMaster, sparkWorker } from './spark.js';
import { statsd } from './statsd.js';
import { telegraf } from './telegraf.js';
import { trino } from './trino.js';
import { worker } from './worker.js';

/** Every service; each comes after those it needs. Trino is the slowest to start and so the first. */
export const services: readonly Service[] = [
  trino,
  s3,
  mariadb,
  kafka,
  sparkMaster,
  redis,
  metastore,
  sparkWorker,
  telegraf,
  statsd,
  alertmanager,
  prometheus,
  worker,
];

/** Those that a stack with these parts has. */
export function servicesOf({ parts }: { readonly parts: readonly StackPart[] }): readonly Service[] {
  return services.filter(({ part }) => part === undefined || parts.includes(part));
}
