import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { writeAtomically } from './files.js';

/** What `${NAME}` stands for in a template. */
export type TemplateValues = Readonly<Record<string, string | number>>;

const placeholder = /\$\{([A-Z][A-Z0-9_]*)\}/g;

function escaped(value: string, extension: string): string {
  if (extension === '.xml') {
    return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  }
  return extension === '.json' ? JSON.stringify(value).slice(1, -1) : value;
}

/**
 * Replaces every `${NAME}` of a template; the extension decides how values are escaped. Trino's own `${ENV:NAME}` stays as it is.
 * @throws when a name has no value or a value would break the line.
 */
export function renderText(template: string, values: TemplateValues, extension: string, name = 'template'): string {
  return template.replaceAll(placeholder, (_match, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`${name}: no value for \${${key}}`);
    if (/[\r\n]/.test(String(value))) throw new Error(`${name}: the value of \${${key}} has a line break`);
    return escaped(String(value), extension);
  });
}

/** Renders a template file into `target`. */
export async function renderFile(
  template: string,
  target: string,
  values: TemplateValues,
  options: { mode?: number } = {},
): Promise<void> {
  const text = await readFile(template, 'utf8');
  await writeAtomically(target, renderText(text, values, extname(template), template), options.mode ?? 0o600);
}
