import type { z } from 'zod';
import { knownKeys } from './config-schema-walk.js';
import { didYouMean } from './did-you-mean.js';

/** One line per problem: where it was written, the key, what is wrong, what was expected. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  schema: z.core.$ZodType,
  origins: ReadonlyMap<string, string>,
): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path) ?? [];
    return issue.keys.map((key) =>
      line([...issue.path, key], `unknown key${didYouMean(key, known) || `; known: ${known.join(', ')}`}`, origins),
    );
  }
  if (issue.code === 'invalid_union') {
    const nearest = nearestOption(issue.errors);
    if (nearest !== undefined) {
      return nearest.flatMap((inner) =>
        describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, schema, origins),
      );
    }
  }
  return [line(issue.path, reason(issue), origins)];
}

/** The option of a union that was probably meant: the one with the fewest complaints about keys it does not have. */
function nearestOption(options: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const weight = (issues: readonly z.core.$ZodIssue[]) =>
    issues.filter((issue) => issue.code === 'unrecognized_keys').length * 10 + issues.length;
  return [...options].sort((a, b) => weight(a) - weight(b))[0];
}

function reason(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code === 'invalid_type' && /received undefined$/.test(issue.message)) {
    return `missing; expected ${issue.expected === 'string' ? 'a text' : issue.expected}`;
  }
  return issue.message.replace(/^Invalid (?:input|option): /, '');
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
