import { EltError } from '../commons/errors.js';
import { isPortFree, portOwner } from './port-owner.js';
import { environmentOf } from './process-identity.js';
import { host, type Service, type ServiceName, type StackFacts } from './service.js';

/** A port that a service wants and somebody has. */
export interface TakenPort {
  readonly service: ServiceName;
  readonly port: number;
  /** Unknown when the process belongs to another user. */
  readonly owner: { readonly pid: number; readonly command: string; readonly stack?: string } | undefined;
}

/** Fails, before anything is started, when somebody listens where one of the services wants to. */
export async function refuseTakenPorts(missing: readonly Service[], facts: StackFacts): Promise<void> {
  const wanted = missing.flatMap(({ name, ports }) =>
    ports.map((port) => ({ service: name, port: facts.ports[port] })),
  );
  const isFree = await Promise.all(wanted.map(({ port }) => isPortFree(host, port)));
  const taken = wanted.filter((_, index) => !isFree[index]).map((one) => ({ ...one, owner: ownerOf(one.port) }));
  if (taken.length === 0) return;
  throw new EltError('port-taken', `${describeTaken(taken)}. Nothing was started.`, {
    hint: `Stop it, or move the whole stack: elt stack up --port-offset ${facts.portOffset + 1000}`,
  });
}

function ownerOf(port: number): TakenPort['owner'] {
  const owner = portOwner(port);
  return owner && { ...owner, stack: environmentOf(owner.pid, 'ELT_STACK_DIR') };
}

/** One line that names each owner once: another stack as a whole, a program with the ports it has. */
export function describeTaken(taken: readonly TakenPort[]): string {
  const byOwner = new Map<string, string[]>();
  for (const { service, port, owner } of taken) {
    const name = nameOf(owner);
    byOwner.set(name, [...(byOwner.get(name) ?? []), `${port} (${service})`]);
  }
  const parts = [...byOwner].map(([name, ports]) => `${listed(ports)} by ${name}`);
  return `Port taken: ${parts.join('; ')}`;
}

function nameOf(owner: TakenPort['owner']): string {
  if (owner === undefined) return 'another process';
  return owner.stack === undefined ? `${owner.command}, pid ${owner.pid}` : `the native stack in ${owner.stack}`;
}

function listed(ports: readonly string[]): string {
  return ports.length <= 3 ? ports.join(', ') : `${ports.slice(0, 2).join(', ')} and ${ports.length - 2} more`;
}
