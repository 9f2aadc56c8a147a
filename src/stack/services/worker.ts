import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../layout.js';
import type { Service } from '../service.js';

const program = join(packageRoot, 'dist', 'bin', 'elt.js');

/** Whether the control plane is built. */
export function hasWorker(): boolean {
  return existsSync(join(packageRoot, 'dist', 'cli', 'worker.js'));
}

/** One `elt worker`: it serves the queues. */
export const worker: Service = {
  name: 'worker',
  needs: ['redis'],
  uses: ['kafka', 'spark-master', 'spark-worker', 'trino'],
  ports: [],
  version: () => packageVersion(),
  endpoint: () => null,
  command: (context) => ({
    file: process.execPath,
    args: [program, 'worker'],
    environment: { ELT_STACK_FILE: context.layout.stateFile },
  }),
  // It has no address of its own; what it does shows in Redis. That it keeps running is watched by the supervisor.
  probe: async () => {},
  readyTimeoutMs: 30_000,
  stopTimeoutMs: 30_000,
};

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}
