// A native stack of a script's own, on free ports, purged at the end whatever happens.
import { join } from 'node:path';
import { freePortOffset } from './free-port-offset.mjs';
import { run } from './processes.mjs';
import { root } from './setup.mjs';

const minute = 60_000;

/** Starts a stack in `stackDir`, calls `action` with the environment that names it, and takes the stack down. Null: it did not start. */
export async function withPrivateStack(stackDir, action) {
  // Many small statements on small tables: compiling them well costs more than it brings (docs/performance.md).
  const trino = '-XX:TieredStopAtLevel=1';
  const env = { ELT_STACK_TRINO_OPTIONS: trino, ...process.env, ELT_STACK_DIR: stackDir };
  const elt = (...args) => [join(root, 'dist/bin/elt.js'), 'stack', ...args];
  const offset = await freePortOffset();
  try {
    const up = await run(process.execPath, elt('up', '--port-offset', String(offset)), { env, timeoutMs: 10 * minute });
    return up === 0 ? await action(env) : null;
  } finally {
    await run(process.execPath, elt('down', '--purge'), { env, timeoutMs: 2 * minute });
  }
}
