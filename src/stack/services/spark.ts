import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../layout.js';
import { engine } from '../manifest.js';
import { getJson } from '../probes/http.js';
import { renderFile } from '../render.js';
import { host, type Service, type StackContext, type StackFacts } from '../service.js';
import { serviceProcesses } from '../service-processes.js';
import { s3Environment } from './environment.js';
import { java17, smallServer } from './java.js';

/** What the worker offers. It is bookkeeping: three stages in cluster mode need three drivers' cores and memory and their executors'. */
const workerCores = 12;
const workerMemory = '12g';

const confFolder = (context: StackContext) => join(context.layout.conf, 'spark');
const recoveryFolder = (context: StackContext) => join(context.layout.data, 'spark', 'recovery');
const scratchFolder = (context: StackContext) => join(context.layout.data, 'spark', 'scratch');
const version = (context: StackFacts) => engine(context.manifest, 'spark').version;

interface MasterState {
  readonly status?: string;
  readonly aliveworkers?: number;
}

const masterState = (context: StackFacts, signal: AbortSignal) =>
  getJson(`http://${host}:${context.ports.sparkMasterUi}/json/`, signal) as Promise<MasterState>;

/** Spark's standalone master, with its REST server for submissions. */
export const sparkMaster: Service = {
  name: 'spark-master',
  needs: [],
  ports: ['sparkMaster', 'sparkMasterUi', 'sparkRest'],
  version,
  endpoint: (context) => `spark://${host}:${context.ports.sparkMaster}`,
  prepare: async (context) => {
    // With nothing left of the old cluster there is nothing to recover: the master would wait a minute for its dead workers.
    const isAlone = serviceProcesses(context.layout, 'spark-worker').length === 0;
    if (isAlone) await rm(recoveryFolder(context), { recursive: true, force: true });
    await mkdir(recoveryFolder(context), { recursive: true });
    const infra = join(packageRoot, 'infra', 'spark');
    const values = { ...context.values, SPARK_RECOVERY_DIR: recoveryFolder(context) };
    for (const name of ['spark-defaults.conf', 'log4j2.properties']) {
      await renderFile(join(infra, name), join(confFolder(context), name), values);
    }
  },
  command: (context) =>
    daemon(context, 'org.apache.spark.deploy.master.Master', [
      '--host',
      host,
      '--port',
      String(context.ports.sparkMaster),
      '--webui-port',
      String(context.ports.sparkMasterUi),
    ]),
  probe: async (context, signal) => {
    const { status } = await masterState(context, signal);
    if (status !== 'ALIVE') throw new Error(`the master is ${status}, not ALIVE`);
    // An unknown submission is answered with 200 and success:false; that the REST server answers is what matters.
    await getJson(`http://${host}:${context.ports.sparkRest}/v1/submissions/status/none`, signal);
  },
  readyTimeoutMs: 180_000,
  stopTimeoutMs: 15_000,
};

/** Spark's worker: drivers and executors are its children. */
export const sparkWorker: Service = {
  name: 'spark-worker',
  needs: ['spark-master'],
  // A driver that is asked to stop finishes the commit in hand.
  uses: ['kafka', 's3', 'metastore'],
  ports: ['sparkWorker', 'sparkWorkerUi'],
  version,
  endpoint: (context) => `http://${host}:${context.ports.sparkWorkerUi}`,
  prepare: async (context) => {
    await mkdir(join(context.layout.data, 'spark', 'work'), { recursive: true });
    // Killed executors leave their shuffle files; nobody else uses this folder.
    await rm(scratchFolder(context), { recursive: true, force: true });
    await mkdir(scratchFolder(context), { recursive: true });
  },
  command: (context) =>
    daemon(context, 'org.apache.spark.deploy.worker.Worker', [
      '--host',
      host,
      '--port',
      String(context.ports.sparkWorker),
      '--webui-port',
      String(context.ports.sparkWorkerUi),
      '--cores',
      String(workerCores),
      '--memory',
      workerMemory,
      '--work-dir',
      join(context.layout.data, 'spark', 'work'),
      `spark://${host}:${context.ports.sparkMaster}`,
    ]),
  probe: async (context, signal) => {
    const { aliveworkers } = await masterState(context, signal);
    if (aliveworkers !== 1) throw new Error(`the master knows ${aliveworkers} workers, not 1`);
    await getJson(`http://${host}:${context.ports.sparkWorkerUi}/json/`, signal);
  },
  readyTimeoutMs: 120_000,
  // Its shutdown gives every driver spark.worker.driverTerminateTimeout (60 s) to finish the commit in hand.
  stopTimeoutMs: 70_000,
};

function daemon(context: StackContext, mainClass: string, args: readonly string[]) {
  const home = context.homes.spark;
  const classPath = [confFolder(context), join(home, 'jars', '*')].join(':');
  const defaults = join(confFolder(context), 'spark-defaults.conf');
  return {
    file: java17(context),
    args: ['-Xmx512m', ...smallServer, '-cp', classPath, mainClass, '--properties-file', defaults, ...args],
    environment: {
      ...s3Environment(context),
      JAVA_HOME: context.tools.javaHome,
      SPARK_HOME: home,
      SPARK_CONF_DIR: context.sharedClasses.confFolder,
      // Web servers, drivers and executors too would listen on every address without it.
      SPARK_LOCAL_IP: host,
      SPARK_LOCAL_DIRS: scratchFolder(context),
      SPARK_SCALA_VERSION: '2.12',
    },
  };
}
