/** Five-field cron expressions, checked where they are written: what an expression means is cron-parser's affair (in BullMQ). Pure. */

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly Field[] = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, names: months },
  { name: 'day of week', from: 0, to: 7, names: weekdays },
];

const longestMonthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is wrong with a cron expression, in words; null when nothing is. */
export function cronProblem(text: string): string | null {
  const example = 'expected five fields (minute hour day-of-month month day-of-week) like "0 * * * *"';
  const parts = text.trim().split(/\s+/);
  if (text.trim() === '' || parts.length !== fields.length) return `${example}, got "${text}"`;
  const values: number[][] = [];
  for (const [index, field] of fields.entries()) {
    const found = valuesOf(parts[index] as string, field);
    if (found === null) {
      return `${example}; the ${field.name} "${parts[index]}" is none of ${field.from}-${field.to}, *, a-b, */n or a list of those`;
    }
    values.push(found);
  }
  const [, , days, inMonths] = values as [number[], number[], number[], number[], number[]];
  const isPossible = parts[4] !== '*' || inMonths.some((month) => days.some((day) => day <= daysOf(month)));
  return isPossible ? null : `expected a date that exists, got day ${parts[2]} of month ${parts[3]}`;
}

/** Whether the tz database knows the name. */
export function isTimeZone(name: string): boolean {
  try {
    return name !== '' && new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

function daysOf(month: number): number {
  return longestMonthDays[month - 1] as number;
}

/** Every value that a field names; null when it cannot be read. */
function valuesOf(text: string, field: Field): number[] | null {
  const parts = text.split(',').map((part) => range(part, field));
  return parts.some((part) => part === null) ? null : (parts as number[][]).flat();
}

function range(text: string, field: Field): number[] | null {
  const match = /^(?:(\*)|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/([0-9]{1,2}))?$/i.exec(text);
  if (match === null) return null;
  const [, every, first, last, step = '1'] = match;
  const from = every === '*' ? field.from : numberOf(first as string, field);
  const to =
    every === '*' || (last === undefined && match[4] !== undefined)
      ? field.to
      : numberOf(last ?? (first as string), field);
  if (from === null || to === null || from > to || Number(step) === 0) return null;
  return Array.from({ length: Math.floor((to - from) / Number(step)) + 1 }, (_, index) => from + index * Number(step));
}

function numberOf(text: string, { names = [], from, to }: Field): number | null {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + from;
  if (!/^[0-9]{1,2}$/.test(text)) return null;
  const value = Number(text);
  return value >= from && value <= to ? value : null;
}
