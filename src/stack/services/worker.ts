import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../layout.js';
import { redisClients } from '../probes/redis-clients.js';
import { host, type Service, type StackContext } from '../service.js';
import { runningService } from '../service-processes.js';
import { socketsOf, tcpSockets } from '../tcp-table.js';
import { s3Environment } from './environment.js';

const program = join(packageRoot, 'dist', 'bin', 'elt.js');

/** Whether the control plane is built. */
export function hasWorker(): boolean {
  return existsSync(program);
}

/** One `elt worker`, with the configuration of whoever starts the stack: it serves the queues. */
export const worker: Service = {
  name: 'worker',
  needs: ['redis'],
  uses: ['kafka', 'spark-master', 'spark-worker', 'trino'],
  ports: [],
  version: () => (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version,
  endpoint: () => null,
  command: (context) => ({
    file: process.execPath,
    args: [program, 'worker'],
    cwd: context.caller.cwd,
    environment: {
      ...callersVariables(context),
      // For a driver in client mode, which is a child of the worker.
      ...s3Environment(context),
      JAVA_HOME: context.tools.javaHome,
      SPARK_LOCAL_IP: host,
    },
  }),
  probe: async ({ layout, ports }, signal) => {
    const pid = runningService(layout, 'worker')?.pid;
    if (pid === undefined) throw new Error('the worker does not run');
    const inodes = socketsOf(pid);
    const own = new Set(tcpSockets().flatMap(({ inode, localPort }) => (inodes.has(inode) ? [localPort] : [])));
    const clients = await redisClients(host, ports.redis, signal);
    // BullMQ's workers wait for work with this command.
    const isServing = clients.some(({ port, command }) => own.has(port) && command === 'bzpopmin');
    if (!isServing) throw new Error('the worker does not wait for work in Redis');
  },
  readyTimeoutMs: 120_000,
  stopTimeoutMs: 30_000,
};

function callersVariables({ caller }: StackContext): Record<string, string> {
  const entries = Object.entries(caller.environment).filter(([name]) => name.startsWith('ELT_'));
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
