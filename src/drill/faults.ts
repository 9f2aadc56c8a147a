/** What can break, as a table. Each fault lasts until its `inject` returns. */
import { EltError } from '../commons/errors.js';
import { sleep } from '../commons/retry.js';
import type { ServiceName } from '../stack/service.js';
import type { DrilledStage } from './drill-line.js';
import type { Fault } from './fault.js';
import { frozenAndReplaced } from './frozen-driver.js';
import { driversOf, executorsOf } from './processes.js';
import { between } from './random.js';

const engine = (name: string, service: ServiceName, describe: string, leavesExtract = false): Fault => ({
  name,
  describe: `${describe} is killed and comes back after some seconds`,
  leavesExtract,
  mostDrivers: 1,
  inject: async ({ engines, random, signal }) => {
    engines.kill(service);
    await sleep(between(random, 0, 4_000), signal);
    signal.throwIfAborted();
    await engines.repair(signal);
  },
});

const driver = (stage: DrilledStage): Fault => ({
  name: `${stage}-driver`,
  describe: `the driver of ${stage.toUpperCase()} is killed`,
  leavesExtract: stage === 'transform',
  mostDrivers: 1,
  inject: async ({ line }) => killOne(driversOf(stage, line.name), `driver of ${stage}`),
});

const executor = (stage: DrilledStage): Fault => ({
  name: `${stage}-executor`,
  describe: `the executor of ${stage.toUpperCase()} is killed; Spark starts another one`,
  leavesExtract: stage === 'transform',
  mostDrivers: 1,
  inject: async ({ line }) => {
    const master = line.config.spark.ui[0] as string;
    killOne(await executorsOf(stage, line.name, master), `executor of ${stage}`);
  },
});

const worker: Fault = {
  name: 'worker',
  describe: 'the elt worker is killed; another one starts after some seconds',
  leavesExtract: true,
  mostDrivers: 1,
  inject: async ({ line, random, signal }) => {
    await line.stopWorker('SIGKILL');
    await sleep(between(random, 0, 4_000), signal);
    line.startWorker();
  },
};

const flushed: Fault = {
  name: 'redis-flushed',
  describe: 'Redis loses all that it knew of the runs; their drivers live',
  leavesExtract: true,
  mostDrivers: 1,
  inject: async ({ line }) => await line.flush(),
};

/** Every fault, in the order of a drill. */
export const faults: readonly Fault[] = [
  worker,
  driver('extract'),
  driver('transform'),
  executor('extract'),
  executor('transform'),
  engine('spark-master', 'spark-master', "Spark's master", true),
  engine('spark-worker', 'spark-worker', "Spark's worker, with the drivers and executors that it started,"),
  engine('redis', 'redis', 'Redis', true),
  flushed,
  engine('broker', 'kafka', 'the Kafka broker'),
  engine('metastore', 'metastore', 'the Hive Metastore'),
  engine('mariadb', 'mariadb', 'MariaDB, under the metastore,'),
  engine('s3', 's3', 'the S3 server'),
  frozenAndReplaced,
];

/** The named faults, in the order of the names. @throws EltError `usage` */
export function chooseFaults(names: readonly string[]): readonly Fault[] {
  if (names.length === 0) return faults;
  return names.map((name) => {
    const fault = faults.find((one) => one.name === name);
    if (fault !== undefined) return fault;
    const known = faults.map((one) => one.name).join(', ');
    throw new EltError('usage', `--faults: there is no fault "${name}"; expected some of ${known}.`, {
      hint: 'See them: elt drill --list',
    });
  });
}

function killOne(pids: readonly number[], what: string): void {
  const [pid] = pids;
  if (pid === undefined) throw new EltError('drill-failed', `There is no ${what} to kill.`, { kind: 'external' });
  process.kill(pid, 'SIGKILL');
}
