import type { AlertsConfig } from '../commons/config-schema.js';
import type { EngineHomes } from './engine-homes.js';
import type { Environment, StackLayout } from './layout.js';
import type { Manifest } from './manifest.js';
import type { MetricsPrograms } from './metrics-programs.js';
import type { PortName, Ports } from './ports.js';
import type { TemplateValues } from './render.js';
import type { StackSecrets } from './secrets.js';
import type { SharedClasses } from './shared-classes.js';
import type { SystemTools } from './tools.js';

/** The child processes of a stack. */
export type ServiceName =
  | 'kafka'
  | 's3'
  | 'mariadb'
  | 'metastore'
  | 'spark-master'
  | 'spark-worker'
  | 'trino'
  | 'redis'
  | 'statsd'
  | 'telegraf'
  | 'prometheus'
  | 'alertmanager'
  | 'worker';

/** Services that run only where somebody asked for them: `elt stack up --with metrics`. */
export const stackParts = ['metrics'] as const;
export type StackPart = (typeof stackParts)[number];

/** The only address anything listens on. */
export const host = '127.0.0.1';

/** What is known of a stack without starting anything. */
export interface StackFacts {
  readonly manifest: Manifest;
  readonly layout: StackLayout;
  readonly portOffset: number;
  readonly ports: Ports;
  readonly secrets: StackSecrets;
  /** Parts beside the engines that the line itself needs. */
  readonly parts: readonly StackPart[];
}

/** Everything a service needs to start. */
export interface StackContext extends StackFacts {
  readonly homes: EngineHomes;
  readonly sharedClasses: SharedClasses;
  readonly tools: SystemTools;
  /** The programs of the metrics chain and the thresholds of whoever starts it; undefined when it is not part of this stack. */
  readonly metrics: { readonly programs: MetricsPrograms; readonly alerts: AlertsConfig } | undefined;
  /** Values for the templates in `infra/`. */
  readonly values: TemplateValues;
  /** Who started it: the worker takes its configuration from there. */
  readonly caller: { readonly environment: Environment; readonly cwd: string };
}

/** How to start one process. Secrets go into `environment` or a 0600 file, never into `args`. */
export interface ServiceCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** The program's own name, where it differs from `file`. */
  readonly argv0?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The stack's data folder unless given. */
  readonly cwd?: string;
}

/** One engine: what it needs, how it starts, how to ask it whether it is ready. */
export interface Service {
  readonly name: ServiceName;
  /** Runs only with this part of the stack. */
  readonly part?: StackPart;
  /** Services that must be ready before this one starts. */
  readonly needs: readonly ServiceName[];
  /** Services that it talks to while it ends: they are stopped after it. Those that it needs are so too. */
  readonly uses?: readonly ServiceName[];
  readonly ports: readonly PortName[];
  version(stack: StackFacts): string;
  /** The address a client uses. */
  endpoint(stack: StackFacts): string | null;
  /** Renders configuration and makes first-time data. Called before each start. */
  prepare?(context: StackContext): Promise<void>;
  command(context: StackContext): ServiceCommand;
  /** Resolves when the service answers in its own protocol; throws, saying why, when it does not yet. */
  probe(stack: StackFacts, signal: AbortSignal): Promise<void>;
  readonly readyTimeoutMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeoutMs: number;
}
