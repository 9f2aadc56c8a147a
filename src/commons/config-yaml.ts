import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { type ConfigLayer, isTree, type Tree } from './config-layers.js';

/** The layer that `elt.yaml` is, and what is wrong with its YAML, each with its line. */
export function readYamlLayer(file: string): { layer: ConfigLayer; problems: readonly string[] } {
  const name = basename(file);
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${name}:${lines.linePos(offset).line}`;

  const problems = document.errors.map((error) => `${at(error.pos[0])}  ${error.message}`);
  const content: unknown = problems.length > 0 ? {} : (document.toJS() ?? {});
  if (!isTree(content)) problems.push(`${name}:1  expected a mapping with "pipelines"`);
  const tree: Tree = isTree(content) ? content : {};
  const origin = (path: readonly string[]) => {
    const offset = offsetOf(document.contents, path);
    return offset === undefined ? name : at(offset);
  };
  return { layer: { tree, origin }, problems };
}

/** Where the key of the last part of `path` starts. */
function offsetOf(root: Node | null, path: readonly string[]): number | undefined {
  let node: unknown = root;
  let offset: number | undefined;
  for (const key of path) {
    if (!isMap(node)) return offset;
    const pair: Pair | undefined = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    if (pair === undefined) return offset;
    offset = (pair.key as Node).range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}
