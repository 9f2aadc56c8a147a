import type { z } from 'zod';

/** What a place in the schema is, seen through defaults, optionals and transforms. */
export type SchemaNode =
  | { readonly kind: 'object'; readonly shape: Readonly<Record<string, z.core.$ZodType>> }
  | { readonly kind: 'record'; readonly value: z.core.$ZodType }
  | { readonly kind: 'union'; readonly options: readonly z.core.$ZodType[] }
  | { readonly kind: 'list' }
  | { readonly kind: 'leaf' };

/** Looks through the wrappers of a zod type. */
export function schemaNode(type: z.core.$ZodType): SchemaNode {
  const { def } = (type as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return { kind: 'object', shape: def.shape };
    case 'record':
      return { kind: 'record', value: def.valueType };
    case 'union':
      return { kind: 'union', options: def.options };
    case 'array':
      return { kind: 'list' };
    case 'default':
    case 'prefault':
    case 'optional':
    case 'nullable':
      return schemaNode(def.innerType);
    case 'pipe':
      return schemaNode((def.in as z.core.$ZodTypes)._zod.def.type === 'transform' ? def.out : def.in);
    default:
      return { kind: 'leaf' };
  }
}

/** The keys that a mapping at this path may have; undefined where any key goes. */
export function knownKeys(root: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] | undefined {
  let nodes = [schemaNode(root)];
  for (const key of path) nodes = nodes.flatMap(alternatives).flatMap((node) => child(node, String(key)));
  const shapes = nodes.flatMap(alternatives).flatMap((node) => (node.kind === 'object' ? [node.shape] : []));
  return shapes.length === 0 ? undefined : [...new Set(shapes.flatMap((shape) => Object.keys(shape)))];
}

function alternatives(node: SchemaNode): readonly SchemaNode[] {
  return node.kind === 'union' ? node.options.map(schemaNode) : [node];
}

function child(node: SchemaNode, key: string): readonly SchemaNode[] {
  if (node.kind === 'record') return [schemaNode(node.value)];
  const type = node.kind === 'object' ? node.shape[key] : undefined;
  return type === undefined ? [] : [schemaNode(type)];
}
