/** Texts that must not come from a configuration file, wherever they stand. Values are never repeated: they may be secrets. Pure. */
import { isTree, type Tree } from './config-layers.js';

export interface TextProblem {
  readonly key: string;
  readonly problem: string;
}

/** Line breaks and other control characters, JAAS entries, program code from a web server. */
export function textProblems(values: Tree): readonly TextProblem[] {
  return leaves(values, []).flatMap(({ path, text }) => {
    const key = path.join('.');
    const problem = controlProblem(text) ?? jaasProblem(text) ?? (isCodePlace(path) ? remoteProblem(text) : null);
    return problem === null ? [] : [{ key, problem }];
  });
}

/** Names of Kafka and Spark properties become arguments of a process. */
export function propertyNameProblems(values: Tree): readonly TextProblem[] {
  return ['kafka', 'spark'].flatMap((engine) => {
    const section = values[engine];
    const properties = isTree(section) && isTree(section.properties) ? Object.keys(section.properties) : [];
    return properties
      .filter((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(name))
      .map((name) => ({
        key: `${engine}.properties`,
        problem: `expected names of letters, digits, ".", "_" and "-", got ${JSON.stringify(name.slice(0, 80))}`,
      }));
  });
}

/** Where code comes from that drivers load. */
function isCodePlace([section, name, property]: readonly string[]): boolean {
  if (section !== 'spark') return false;
  if (name === 'applicationJar' || name === 'classPath') return true;
  return (
    name === 'properties' &&
    /^spark\.(jars|files|archives|submit\.pyFiles|(driver|executor)\.extra)/.test(property ?? '')
  );
}

function controlProblem(text: string): string | null {
  const found = [...text].find((char) => char < ' ' || char === '\u007f');
  if (found === undefined) return null;
  const code = found.charCodeAt(0).toString(16).padStart(4, '0');
  return `expected one line of text, got a control character (U+${code.toUpperCase()})`;
}

function jaasProblem(text: string): string | null {
  if (!/LoginModule\s+(required|requisite|sufficient|optional)\b/i.test(text)) return null;
  return 'this is a JAAS entry with its secret; expected in the environment only: ELT_KAFKA_SASL_JAAS_CONFIG';
}

function remoteProblem(text: string): string | null {
  const isRemote = /(^|[,:\s=])(https?|ftps?):\/\//i.test(text);
  return isRemote
    ? 'code is not taken from a web server, which nobody checks; expected a path on the Spark workers, or a file:, local:, hdfs: or s3a: URL'
    : null;
}

interface Leaf {
  readonly path: readonly string[];
  readonly text: string;
}

function leaves(value: unknown, path: readonly string[]): readonly Leaf[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((one) => leaves(one, path));
  return isTree(value) ? Object.entries(value).flatMap(([key, one]) => leaves(one, [...path, key])) : [];
}
