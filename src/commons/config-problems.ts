import type { z } from 'zod';
import { knownKeys } from './config-schema-walk.js';
import { didYouMean } from './did-you-mean.js';

/** What the problems of one configuration are told with: its schema, its values, and where each of them was written. */
export interface Checked {
  readonly schema: z.core.$ZodType;
  readonly values: unknown;
  readonly origins: ReadonlyMap<string, string>;
}

/** One line per problem: where it was written, the key, what is wrong, what was expected. Texts are not repeated: they may be secret. */
export function describeIssue(issue: z.core.$ZodIssue, checked: Checked): readonly string[] {
  const { schema, values, origins } = checked;
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path) ?? [];
    return issue.keys.map((key) =>
      line([...issue.path, key], `unknown key${didYouMean(key, known) || `; known: ${known.join(', ')}`}`, origins),
    );
  }
  if (issue.code === 'invalid_union') {
    const nearest = nearestOption(issue.errors);
    if (nearest !== undefined) {
      return nearest.flatMap((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, checked));
    }
  }
  return [line(issue.path, reason(issue, valueAt(values, issue.path)), origins)];
}

/** The option of a union that was probably meant: the one with the fewest complaints about keys it does not have. */
function nearestOption(options: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const weight = (issues: readonly z.core.$ZodIssue[]) =>
    issues.filter((issue) => issue.code === 'unrecognized_keys').length * 10 + issues.length;
  return [...options].sort((a, b) => weight(a) - weight(b))[0];
}

function reason(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'too_big' && isNumeric(issue.origin)) return `expected at most ${issue.maximum}, got ${given}`;
  if (issue.code === 'too_small' && isNumeric(issue.origin)) return `expected at least ${issue.minimum}, got ${given}`;
  if (issue.code === 'invalid_type' && isNumeric(issue.expected) && given !== undefined) {
    return `expected a ${issue.expected === 'int' ? 'whole ' : ''}number, got ${JSON.stringify(given)}`;
  }
  if (issue.code === 'invalid_value' && typeof given === 'string') {
    return `expected one of ${issue.values.join(', ')}, got "${given}"`;
  }
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code === 'invalid_type' && /received undefined$/.test(issue.message)) {
    return `missing; expected ${issue.expected === 'string' ? 'a text' : issue.expected}`;
  }
  return issue.message.replace(/^Invalid (?:input|option): /, '');
}

function isNumeric(type: string): boolean {
  return ['number', 'int', 'bigint'].includes(type);
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], values);
}

function line(path: readonly PropertyKey[], text: string, origins: ReadonlyMap<string, string>): string {
  const keys = path.map(String);
  const where = originOfNearest(keys, origins);
  return `${where === undefined ? '' : `${where}  `}${keys.join('.')}: ${text}`;
}

function originOfNearest(keys: readonly string[], origins: ReadonlyMap<string, string>): string | undefined {
  for (let length = keys.length; length > 0; length--) {
    const origin = origins.get(keys.slice(0, length).join('.'));
    if (origin !== undefined) return origin;
  }
  return undefined;
}
