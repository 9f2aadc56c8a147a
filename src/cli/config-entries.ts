import type { Config } from '../commons/config.js';
import { isTree } from '../commons/config-layers.js';
import { isSecretName, maskUrl } from '../commons/secret-names.js';

/** One resolved value, ready to be shown: secrets masked. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
}

/** Every resolved value with its origin, in the schema's order. Durations are milliseconds, sizes bytes. */
export function configEntries(config: Config): readonly ConfigEntry[] {
  const { baseDir, stackDir, file, origins, warnings, ...values } = config;
  return entriesOf(values, [], origins);
}

function entriesOf(
  node: unknown,
  path: readonly string[],
  origins: ReadonlyMap<string, string>,
): readonly ConfigEntry[] {
  if (isTree(node) && Object.keys(node).length > 0) {
    return Object.entries(node).flatMap(([key, child]) => entriesOf(child, [...path, key], origins));
  }
  const key = path.join('.');
  return [{ key, value: masked(path.at(-1) ?? '', node), origin: origins.get(key) ?? 'default' }];
}

function masked(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => masked(name, item));
  if (typeof value !== 'string') return value;
  return isSecretName(name) ? '***' : maskUrl(value);
}
