// A Dockerfile as data, and its COPY lines done by hand: enough of both for infra/Dockerfile.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

/** The stages in order: `{ name, from, steps: [{ word, rest }] }`; a line that ends with a backslash goes on in the next. */
export function readDockerfile(file) {
  const lines = readFileSync(file, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  const stages = [];
  for (const line of lines.filter((one) => one.trim() !== '')) {
    const [, word, rest] = /^(\w+) +(.*)$/.exec(line) ?? [];
    if (word === undefined) throw new Error(`${file}: not understood: ${line}`);
    const [, from, name] = (word === 'FROM' && /^(\S+) AS (\S+)$/.exec(rest)) || [];
    if (name !== undefined) stages.push({ name, from, steps: [] });
    else stages.at(-1).steps.push({ word, rest });
  }
  return stages;
}

/** Whether a path of the context is left out, by `.dockerignore`: a pattern without a wildcard means a path from the root. */
export function ignored(file) {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const patterns = lines.map((line) => {
    if (/[!?[\]]|(?<!\*)\*(?!\*)/.test(line)) throw new Error(`${file}: not understood: ${line}`);
    const text = line.replaceAll('.', '\\.').replaceAll('**/', '(?:.*/)?');
    return new RegExp(`^${text}(?:/|$)`);
  });
  return (path) => patterns.some((pattern) => pattern.test(path));
}

/**
 * One COPY line. `folderOf(path)`: where an absolute path of the image is, or of the stage that `--from` names; `context`: the folder of
 * relative sources, without what `isIgnored`. @throws Error when there is nothing to copy
 */
export function copy(rest, { context, isIgnored, folderOf, workdir }) {
  const from = /^--from=(\S+) +/.exec(rest);
  const words = rest.slice(from?.[0].length ?? 0).split(/ +/);
  const target = words.at(-1);
  const into = folderOf(resolve(workdir, target));
  for (const source of words.slice(0, -1)) {
    const path = from === null ? join(context, source) : folderOf(source, from[1]);
    if (!existsSync(path) || (from === null && isIgnored(source)))
      throw new Error(`COPY ${rest}: there is no ${source}`);
    const isFolder = statSync(path).isDirectory();
    // A folder gives its content; a file keeps its name where the target is a folder.
    const place = isFolder || !/(\/|^\.)$/.test(target) ? into : join(into, basename(source));
    mkdirSync(isFolder ? place : dirname(place), { recursive: true });
    const filter = (one) => from !== null || !isIgnored(relative(context, one));
    for (const name of isFolder ? readdirSync(path) : ['']) {
      if (filter(join(path, name)))
        cpSync(join(path, name), join(place, name), { recursive: true, verbatimSymlinks: true, filter });
    }
  }
}
