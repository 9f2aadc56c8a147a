import { getJson } from './probes/http.js';
import { notReadyReason } from './readiness.js';
import { host, type Service, type ServiceName, type StackFacts } from './service.js';
import { runningService, serviceRecord } from './service-processes.js';
import { services } from './services/index.js';

/** running: answers · unready: its process runs and does not answer · died: it was started and is gone · stopped. */
export type ServiceState = 'running' | 'unready' | 'died' | 'stopped';

export interface ServiceStatus {
  readonly name: ServiceName | 'spark-rest';
  readonly state: ServiceState;
  readonly endpoint: string | null;
  readonly pid: number | null;
  readonly version: string;
}

const order = [
  'kafka',
  's3',
  'mariadb',
  'metastore',
  'spark-master',
  'spark-rest',
  'spark-worker',
  'trino',
  'redis',
  'statsd',
  'telegraf',
  'prometheus',
  'alertmanager',
  'worker',
];
const probeTimeoutMs = 5_000;

/** The state of every service that belongs to the stack or was started in it, asked now. */
export async function stackStatus(facts: StackFacts): Promise<ServiceStatus[]> {
  const shown = services.filter(({ name, part }) => {
    return part === undefined || facts.parts.includes(part) || serviceRecord(facts.layout, name) !== undefined;
  });
  const found = await Promise.all([...shown.map((service) => serviceStatus(service, facts)), restStatus(facts)]);
  return found.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

async function serviceStatus(service: Service, facts: StackFacts): Promise<ServiceStatus> {
  const running = runningService(facts.layout, service.name);
  const state = await stateOf(service, facts);
  const version = service.version(facts);
  return { name: service.name, state, endpoint: service.endpoint(facts), pid: running?.pid ?? null, version };
}

async function stateOf(service: Service, facts: StackFacts): Promise<ServiceState> {
  if (runningService(facts.layout, service.name) === undefined) {
    return serviceRecord(facts.layout, service.name) === undefined ? 'stopped' : 'died';
  }
  return (await notReadyReason(service, facts, probeTimeoutMs)) === undefined ? 'running' : 'unready';
}

/** The REST server is a part of the master's process. */
async function restStatus(facts: StackFacts): Promise<ServiceStatus> {
  const endpoint = `http://${host}:${facts.ports.sparkRest}`;
  const master = await serviceStatus(services.find(({ name }) => name === 'spark-master') as Service, facts);
  const answers = getJson(`${endpoint}/v1/submissions/status/none`, AbortSignal.timeout(probeTimeoutMs));
  const state =
    master.pid === null
      ? master.state
      : await answers.then(
          () => 'running' as const,
          () => 'unready' as const,
        );
  if (master.pid === null) await answers.catch(() => {});
  return { ...master, name: 'spark-rest', endpoint, state };
}
