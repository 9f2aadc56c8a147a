import { rm } from 'node:fs/promises';
import type { Progress, Report } from './downloads.js';
import { withLock } from './file-lock.js';
import type { Environment } from './layout.js';
import type { Service, ServiceName, StackFacts } from './service.js';
import { serviceProcesses, stopService } from './service-processes.js';
import { services } from './services/index.js';
import { stackFacts } from './stack-facts.js';
import { forgetState } from './up.js';

export interface DownOptions {
  readonly environment: Environment;
  /** Remove the data, logs and generated keys too. */
  readonly isPurging: boolean;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** Stops what `up` started, those first that need the others. */
export async function stackDown({ environment, isPurging, signal, report }: DownOptions): Promise<void> {
  const facts = await stackFacts(environment);
  const { layout } = facts;
  const wait = () => report(`Another command works on the stack in ${layout.root}: waiting for it`);
  await withLock(layout.lockFile, wait, async () => {
    await forgetState(facts);
    const stopping = new Map<ServiceName, Promise<void>>();
    const stopOnce = (service: Service): Promise<void> => {
      const users = services.filter(({ needs, uses }) => [...needs, ...(uses ?? [])].includes(service.name));
      const promise =
        stopping.get(service.name) ??
        Promise.all(users.map(stopOnce)).then(() => stop(service, facts, { report, signal }));
      stopping.set(service.name, promise);
      return promise;
    };
    await Promise.all(services.map(stopOnce));
    if (isPurging) {
      for (const path of [layout.data, layout.conf, layout.logs, layout.run, layout.secretsFile, layout.settingsFile]) {
        await rm(path, { recursive: true, force: true });
      }
      report(`Removed the data in ${layout.root}`);
    }
  });
}

async function stop(service: Service, facts: StackFacts, { report, signal }: Progress): Promise<void> {
  const hadProcesses = await stopService(facts.layout, service.name, service.stopTimeoutMs, signal);
  const left = serviceProcesses(facts.layout, service.name);
  if (left.length > 0) report(`${service.name}: pid ${left.map(({ pid }) => pid).join(', ')} cannot be killed`);
  else if (hadProcesses) report(`${service.name.padEnd(12)} stopped`);
}
