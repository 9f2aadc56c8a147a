import { jsonObject, NoAnswer, request } from './http.js';

/** A driver as the master's page lists it. */
export interface MasterDriver {
  readonly id: string;
  readonly state: string;
  readonly mainClass: string;
  /** The id of its Spark worker; `None` before it has one. */
  readonly worker: string;
}

export interface MasterApplication {
  readonly id: string;
  readonly name: string;
  /** `WAITING` means that it has no executors. */
  readonly state: string;
  readonly cores: number;
}

export interface MasterWorker {
  readonly id: string;
  readonly state: string;
  readonly webUi: string;
  readonly cores: number;
  readonly coresFree: number;
  readonly memoryFreeMiB: number;
}

/** What the live master knows now. It remembers the last 200 ended drivers and applications. */
export interface MasterState {
  readonly url: string;
  readonly workers: readonly MasterWorker[];
  readonly drivers: readonly MasterDriver[];
  readonly activeApplications: readonly MasterApplication[];
  readonly endedApplications: readonly MasterApplication[];
}

export type MasterAnswer =
  | { readonly isAlive: true; readonly state: MasterState }
  | { readonly isAlive: false; readonly detail: string };

/** Asks the masters' web UIs (`/json/`) for the one that is ALIVE. */
export async function askMaster(uiUrls: readonly string[], signal?: AbortSignal): Promise<MasterAnswer> {
  const failures: string[] = [];
  for (const url of uiUrls.map((one) => one.replace(/\/+$/, ''))) {
    try {
      const answer = await request(`${url}/json/`, { signal });
      const body = answer.status === 200 ? jsonObject(answer.text) : undefined;
      if (body?.status === 'ALIVE') return { isAlive: true, state: masterState(url, body) };
      failures.push(`${url}: ${body === undefined ? `HTTP ${answer.status}` : `the master is ${body.status}`}`);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      failures.push(error.message);
    }
  }
  return { isAlive: false, detail: failures.join('; ') };
}

function masterState(url: string, body: Readonly<Record<string, unknown>>): MasterState {
  return {
    url,
    workers: list(body.workers).map((worker) => ({
      id: String(worker.id),
      state: String(worker.state),
      webUi: String(worker.webuiaddress ?? '').replace(/\/+$/, ''),
      cores: Number(worker.cores ?? 0),
      coresFree: Number(worker.coresfree ?? 0),
      memoryFreeMiB: Number(worker.memoryfree ?? 0),
    })),
    drivers: [...list(body.activedrivers), ...list(body.completeddrivers)].map((driver) => ({
      id: String(driver.id),
      state: String(driver.state),
      mainClass: String(driver.mainclass),
      worker: String(driver.worker),
    })),
    activeApplications: list(body.activeapps).map(application),
    endedApplications: list(body.completedapps).map(application),
  };
}

function application(value: Readonly<Record<string, unknown>>): MasterApplication {
  return {
    id: String(value.id),
    name: String(value.name),
    state: String(value.state),
    cores: Number(value.cores ?? 0),
  };
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}
