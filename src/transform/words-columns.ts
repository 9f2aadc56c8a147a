/** Which columns of SILVER hold number words, read from the pipeline's SQL. Pure. */
import type { Region, Spelling } from './french-words.js';

/** `words` = number_to_french of `number`, both columns of SILVER. */
export interface WordsColumn {
  readonly number: string;
  readonly words: string;
  readonly spelling: Spelling;
  readonly region: Region;
}

/**
 * The columns whose words can be recomputed from another column of SILVER: those selected as `number_to_french(x[, spelling[, region]]) AS words`
 * where `x` is selected too (`x AS number`). Others cannot be checked from SILVER alone and are left out.
 */
export function wordsColumns(sql: string): WordsColumn[] {
  const items = selectItems(sql);
  return items.flatMap(({ expression, alias }) => {
    const call = /^number_to_french\s*\((.*)\)$/is.exec(expression);
    if (call === null) return [];
    const [argument = '', spelling = "'traditional'", region = "'FR'"] = splitTopLevel(call[1] as string);
    const number = items.find((item) => normal(item.expression) === normal(argument))?.alias;
    if (number === undefined) return [];
    return [{ number, words: alias, spelling: unquoted(spelling) as Spelling, region: unquoted(region) as Region }];
  });
}

interface SelectItem {
  readonly expression: string;
  readonly alias: string;
}

function selectItems(sql: string): SelectItem[] {
  const code = sql.replaceAll(/--[^\n]*/g, ' ').replaceAll(/\/\*.*?\*\//gs, ' ');
  const list = /^\s*select\s+(.*?)\s+from\s/is.exec(code)?.[1] ?? '';
  return splitTopLevel(list).flatMap((item) => {
    const named = /^(.*?)(?:\s+as)?\s+[`"]?(\w+)[`"]?$/is.exec(item) ?? /^((\w+))$/.exec(item);
    return named === null ? [] : [{ expression: (named[1] as string).trim(), alias: named[2] as string }];
  });
}

/** Splits at commas outside parentheses and quotes. */
function splitTopLevel(list: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  let isQuoted = false;
  for (const character of list) {
    if (character === "'") isQuoted = !isQuoted;
    if (!isQuoted && character === '(') depth++;
    if (!isQuoted && character === ')') depth--;
    if (character === ',' && depth === 0 && !isQuoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function normal(expression: string): string {
  return expression.replaceAll(/\s+/g, '').toLowerCase();
}

function unquoted(literal: string): string {
  return literal.trim().replaceAll("'", '');
}
