import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { crossCheck } from './config-check.js';
import { environmentLayer } from './config-environment.js';
import { type ConfigLayer, mergeLayers, originsOf, type Tree } from './config-layers.js';
import { describeIssue } from './config-problems.js';
import { type ConfigValues, configSchema } from './config-schema.js';
import { readYamlLayer } from './config-yaml.js';
import { EltError } from './errors.js';
import { Secret } from './secret.js';
import { stackDirectory } from './stack-dir.js';

/** The resolved configuration, frozen. Durations are milliseconds, sizes bytes. */
export interface Config extends ConfigValues {
  /** `saslJaasConfig` comes from `ELT_KAFKA_SASL_JAAS_CONFIG` only. */
  readonly kafka: ConfigValues['kafka'] & { readonly saslJaasConfig?: Secret };
  /** `password` comes from `ELT_DASHBOARD_PASSWORD` only. */
  readonly dashboard: ConfigValues['dashboard'] & { readonly password?: Secret };
  /** The folder that relative paths of `elt.yaml` start from: its own folder, or the working folder without one. */
  readonly baseDir: string;
  /** Where the native stack keeps its state (`ELT_STACK_DIR`). */
  readonly stackDir: string;
  /** The `elt.yaml` that was read. */
  readonly file: string | null;
  /** Where each value that is not a default came from, by dotted path: `elt.yaml:12`, `ELT_REDIS_URL`, `--submitter`. */
  readonly origins: ReadonlyMap<string, string>;
  /** `ELT_*` variables that name nothing we know, with what was probably meant. */
  readonly warnings: readonly string[];
}

export interface LoadConfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Values from the command line by dotted path, e.g. `{ 'spark.submitter': 'rest' }`; undefined values are left out. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** `--config FILE`. */
  readonly file?: string;
}

/**
 * Reads every source once and returns one frozen value. Layers, later ones win: defaults, the running native stack, `elt.yaml`, `ELT_*`, flags.
 * @throws EltError `config-invalid` that lists all problems, with the lines of `elt.yaml`; `config-missing` when a named file is not there.
 */
export function loadConfig(options: LoadConfigOptions): Config {
  const file = findConfigFile(options);
  const baseDir = file === null ? options.cwd : dirname(file);
  const stackDir = stackDirectory(options.env, options.cwd);
  const yaml = file === null ? null : readYamlLayer(file);
  const lower: ConfigLayer[] = [stackLayer(stackDir), ...(yaml === null ? [] : [yaml.layer])];
  const environment = environmentLayer(options.env, configSchema, mergeLayers(lower));
  const layers = [...lower, environment.layer, flagsLayer(options.flags ?? {})];

  const merged: Tree = { pipelines: {}, ...mergeLayers(layers) };
  const parsed = configSchema.safeParse(merged);
  const origins = originsOf(layers);
  const checked = { schema: configSchema, values: merged, origins };
  const problems = [
    ...(yaml?.problems ?? []),
    ...(parsed.error?.issues ?? []).flatMap((issue) => describeIssue(issue as z.core.$ZodIssue, checked)),
    ...(parsed.data === undefined ? [] : crossCheck(parsed.data, origins)),
  ];
  if (parsed.data === undefined || problems.length > 0) throw invalid(problems, file);

  const values = withAbsolutePaths(parsed.data, baseDir, origins);
  const { ELT_KAFKA_SASL_JAAS_CONFIG: jaas, ELT_DASHBOARD_PASSWORD: password } = options.env;
  return deepFreeze({
    ...values,
    kafka: jaas ? { ...values.kafka, saslJaasConfig: new Secret(jaas) } : values.kafka,
    dashboard: password ? { ...values.dashboard, password: new Secret(password) } : values.dashboard,
    baseDir,
    stackDir,
    file,
    origins,
    warnings: environment.warnings,
  });
}

function findConfigFile({ env, cwd, file }: LoadConfigOptions): string | null {
  const named = file ?? env.ELT_CONFIG;
  if (named) {
    const path = resolve(cwd, named);
    if (existsSync(path)) return path;
    throw new EltError('config-missing', `The configuration file ${path} does not exist.`, {
      hint: `It was named by ${file === undefined ? 'ELT_CONFIG' : '--config'}.`,
    });
  }
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, 'elt.yaml');
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) return null;
  }
}

function stackLayer(stackDir: string): ConfigLayer {
  const file = join(stackDir, 'stack.json');
  if (!existsSync(file)) return { tree: {}, origin: () => file };
  try {
    const state = JSON.parse(readFileSync(file, 'utf8')) as { config?: Tree };
    return { tree: state.config ?? {}, origin: () => `native stack (${file})` };
  } catch (cause) {
    throw new EltError('stack-state-unreadable', `${file} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'Write it again: elt stack up',
    });
  }
}

function flagsLayer(flags: Readonly<Record<string, unknown>>): ConfigLayer {
  const tree: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const keys = path.split('.');
    const leaf = keys.pop() as string;
    let node = tree;
    for (const key of keys) {
      node[key] ??= {};
      node = node[key] as Record<string, unknown>;
    }
    node[leaf] = value;
  }
  return { tree, origin: (path) => `--${path.at(-1)}` };
}

function invalid(problems: readonly string[], file: string | null): EltError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const subject = file === null ? 'The configuration' : file;
  return new EltError('config-invalid', `${subject} has ${count}:\n${problems.map((line) => `  ${line}`).join('\n')}`, {
    hint: 'Correct them, then: elt config check',
  });
}

const packageDir = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The jar's default lies beside this package, so that `elt` works from any folder; paths that somebody wrote start at `baseDir`. */
function withAbsolutePaths(values: ConfigValues, baseDir: string, origins: ReadonlyMap<string, string>): ConfigValues {
  const { applicationJar, home } = values.spark;
  const jarDir = origins.has('spark.applicationJar') ? baseDir : packageDir;
  const absolute = (path: string, from: string) =>
    isAbsolute(path) || /^[a-z0-9]+:/.test(path) ? path : resolve(from, path);
  const spark = {
    ...values.spark,
    applicationJar: absolute(applicationJar, jarDir),
    ...(home === undefined ? {} : { home: absolute(home, baseDir) }),
  };
  return { ...values, spark };
}

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || value instanceof Map || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
