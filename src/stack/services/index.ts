import type { Service } from '../service.js';
import { kafka } from './kafka.js';
import { mariadb } from './mariadb.js';
import { metastore } from './metastore.js';
import { redis } from './redis.js';
import { s3 } from './seaweedfs.js';
import { sparkMaster, sparkWorker } from './spark.js';
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
  worker,
];
