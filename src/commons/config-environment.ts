import type { z } from 'zod';
import { type ConfigLayer, isTree, type Tree } from './config-layers.js';
import { schemaNode } from './config-schema-walk.js';
import { didYouMean } from './did-you-mean.js';

interface Leaf {
  readonly path: readonly string[];
  readonly isList: boolean;
}

/** Variables that are read elsewhere: where things are, and secrets that go to the engines by environment only. */
const otherVariables = new Set([
  'ELT_DASHBOARD_PASSWORD',
  'ELT_CONFIG',
  'ELT_STACK_DIR',
  'ELT_STACK_SERVICE',
  'ELT_STACK_TRINO_OPTIONS',
  'ELT_CACHE_DIR',
  'ELT_SEED',
  'ELT_FAILPOINTS',
]);
const otherPrefixes = ['ELT_KAFKA_', 'ELT_TEST_', 'ELT_S3_'];

/**
 * The layer that the environment is: `ELT_KAFKA_BOOTSTRAP_SERVERS` is `kafka.bootstrapServers`, and so on for every key of the schema;
 * pipelines can be set by their declared names. Lists are comma-separated. An empty variable counts as unset.
 */
export function environmentLayer(
  env: Readonly<Record<string, string | undefined>>,
  schema: z.core.$ZodType,
  declared: Tree,
): { layer: ConfigLayer; warnings: readonly string[] } {
  const leaves = new Map(leavesOf(schema, declared, []).map((leaf) => [variableOf(leaf.path), leaf]));
  const tree: Record<string, unknown> = {};
  const warnings: string[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('ELT_') || !text || otherVariables.has(name)) continue;
    const leaf = leaves.get(name);
    if (leaf !== undefined) put(tree, leaf.path, leaf.isList ? text.split(',').map((part) => part.trim()) : text);
    else if (!otherPrefixes.some((prefix) => name.startsWith(prefix))) warnings.push(unknownVariable(name, leaves));
  }
  return { layer: { tree, origin: variableOf }, warnings };
}

/** `['kafka', 'bootstrapServers']` → `ELT_KAFKA_BOOTSTRAP_SERVERS`. */
export function variableOf(path: readonly string[]): string {
  const words = path.map((key) => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase());
  return `ELT_${words.join('_')}`;
}

function leavesOf(type: z.core.$ZodType, declared: unknown, path: readonly string[]): readonly Leaf[] {
  const node = schemaNode(type);
  switch (node.kind) {
    case 'object':
      return Object.entries(node.shape).flatMap(([key, child]) =>
        leavesOf(child, isTree(declared) ? declared[key] : undefined, [...path, key]),
      );
    case 'record':
      if (!isTree(declared)) return [];
      return Object.entries(declared).flatMap(([key, below]) => leavesOf(node.value, below, [...path, key]));
    case 'union':
      return node.options.every((option) => schemaNode(option).kind === 'leaf') ? [{ path, isList: false }] : [];
    default:
      return [{ path, isList: node.kind === 'list' }];
  }
}

function put(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const key of path.slice(0, -1)) {
    node[key] ??= {};
    node = node[key] as Record<string, unknown>;
  }
  node[path.at(-1) as string] = value;
}

function unknownVariable(name: string, leaves: ReadonlyMap<string, Leaf>): string {
  return `${name} names no configuration key${didYouMean(name, [...leaves.keys()])}`;
}
