import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type Document, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import { type ConfigLayer, isTree, type Tree } from './config-layers.js';

/** The layer that `elt.yaml` is, and what is wrong with its YAML, each with its line. */
export function readYamlLayer(file: string): { layer: ConfigLayer; problems: readonly string[] } {
  const name = basename(file);
  const { size } = statSync(file);
  if (size > mostBytes) {
    const problem = `${name}:1  the file has ${size} bytes, expected at most ${mostBytes}`;
    return { layer: { tree: {}, origin: () => name }, problems: [problem] };
  }
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${name}:${lines.linePos(offset).line}`;

  const problems = document.errors.map((error) => `${at(error.pos[0])}  ${error.message}`);
  const content: unknown =
    problems.length > 0 ? {} : contentOf(document, (text) => problems.push(`${name}:1  ${text}`));
  visit(document, {
    Pair: (_, { key }) => {
      // In JavaScript it is no key but what an object inherits from: it would get past the check for unknown keys.
      if (isScalar(key) && key.value === '__proto__')
        problems.push(`${at(key.range?.[0] ?? 0)}  __proto__: unknown key`);
    },
  });
  if (!isTree(content)) problems.push(`${name}:1  expected a mapping with "pipelines"`);
  const tree: Tree = isTree(content) ? content : {};
  const origin = (path: readonly string[]) => {
    const offset = offsetOf(document.contents, path);
    return offset === undefined ? name : at(offset);
  };
  return { layer: { tree, origin }, problems };
}

/** An elt.yaml for hundreds of pipelines has a tenth of this. */
const mostBytes = 1024 ** 2;

/** `toJS` throws for aliases that would unfold to a multiple of the file. */
function contentOf(document: Document, onProblem: (text: string) => void): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    onProblem((error as Error).message);
    return {};
  }
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
