/** Drivers and executors of the drill's pipeline, as the operating system shows them. */
import { readdirSync, readFileSync } from 'node:fs';
import { jsonObject, request } from '../spark/http.js';
import { type DrilledStage, drilledStages } from './drill-line.js';

const lookEveryMs = 400;

interface SeenProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** Java processes whose arguments mention a class. Frozen ones count, ended ones do not. */
function javaProcesses(mainClass: string): SeenProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const args = argumentsOf(pid);
    return args.some((arg) => arg.endsWith(mainClass)) ? [{ pid: Number(pid), args }] : [];
  });
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // It ended while we looked.
  }
}

/** Pids of a stage's drivers in cluster mode, found by the name that elt gives them. */
export function driversOf(stage: DrilledStage, pipeline: string): number[] {
  return driversAmong(javaProcesses('.DriverWrapper'), stage, pipeline);
}

function driversAmong(processes: readonly SeenProcess[], stage: DrilledStage, pipeline: string): number[] {
  const name = `-Dspark.app.name=elt-${stage}-${pipeline}-`;
  return processes.filter(({ args }) => args.some((arg) => arg.startsWith(name))).map(({ pid }) => pid);
}

/** Pids of a stage's executors: they know their application's id only, and the master knows its name. */
export async function executorsOf(stage: DrilledStage, pipeline: string, master: string): Promise<number[]> {
  const { text } = await request(`${master}/json/`);
  const apps = (jsonObject(text)?.activeapps ?? []) as readonly { readonly id: string; readonly name: string }[];
  const ids = apps.filter(({ name }) => name.startsWith(`elt-${stage}-${pipeline}-`)).map(({ id }) => id);
  return javaProcesses('.CoarseGrainedExecutorBackend')
    .filter(({ args }) => ids.some((id) => args.includes(id)))
    .map(({ pid }) => pid);
}

/** Looks all the time how many drivers a stage has. */
export class DriverWatch {
  readonly #pipeline: string;
  readonly #timer: NodeJS.Timeout;
  #most = 0;

  constructor(pipeline: string) {
    this.#pipeline = pipeline;
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  /** The most drivers that one stage had at once since the last call. */
  take(): number {
    this.#look();
    const most = this.#most;
    this.#most = 0;
    return most;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const processes = javaProcesses('.DriverWrapper');
    const counts = drilledStages.map((stage) => driversAmong(processes, stage, this.#pipeline).length);
    this.#most = Math.max(this.#most, ...counts);
  }
}
