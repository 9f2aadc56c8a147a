/** Plain values by key, as a YAML or JSON parser returns them. */
export type Tree = Readonly<Record<string, unknown>>;

/** One source of configuration. */
export interface ConfigLayer {
  readonly tree: Tree;
  /** Where the value at this path was written, for people. */
  readonly origin: (path: readonly string[]) => string;
}

/** Later layers win; mappings are merged key by key, everything else (lists too) is replaced. */
export function mergeLayers(layers: readonly ConfigLayer[]): Tree {
  return layers.reduce<Tree>((merged, { tree }) => merge(merged, tree), {});
}

/** The origin of every value that some layer wrote, by dotted path; mappings have one too, so that a problem with them has a place. */
export function originsOf(layers: readonly ConfigLayer[]): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  const visit = (layer: ConfigLayer, node: unknown, path: readonly string[]): void => {
    if (path.length > 0) origins.set(path.join('.'), layer.origin(path));
    if (!isTree(node)) return;
    for (const [key, child] of Object.entries(node)) visit(layer, child, [...path, key]);
  };
  for (const layer of layers) visit(layer, layer.tree, []);
  return origins;
}

/** Whether the value is a mapping. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(lower: Tree, upper: Tree): Tree {
  const merged: Record<string, unknown> = { ...lower };
  for (const [key, value] of Object.entries(upper)) {
    const below = merged[key];
    merged[key] = isTree(below) && isTree(value) ? merge(below, value) : value;
  }
  return merged;
}
