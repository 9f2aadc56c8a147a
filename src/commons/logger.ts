import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

interface LogOptions {
  readonly level: string;
  readonly stderr: { write(text: string): unknown };
  /** Lines for people rather than JSON. */
  readonly isForPeople: boolean;
}

/** The root logger, on stderr. Pass it down with `child({ runId })`; there is no global one. */
export function createLogger({ level, stderr, isForPeople }: LogOptions): Logger {
  const destination: DestinationStream = {
    write: (line) => void stderr.write(isForPeople ? `${forPeople(line)}\n` : line),
  };
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.err },
  };
  return pino(options, destination);
}

const hidden = new Set(['level', 'time', 'msg', 'err']);

/** `16:30:00 warn  what happened  runId=… (reason)`. */
function forPeople(line: string): string {
  const record = JSON.parse(line) as Record<string, unknown> & { level: string; time: string; msg?: string };
  const facts = Object.entries(record)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const reason =
    record.err === undefined ? '' : ` (${(record.err as { message?: string }).message ?? 'unknown error'})`;
  return `${record.time.slice(11, 19)} ${record.level.padEnd(5)} ${[record.msg ?? '', ...facts].join('  ')}${reason}`;
}
