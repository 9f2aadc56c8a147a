/** Values for people. Null is always "unknown" or a dash, never 0. Pure. */

/** `1234567` or `"1234567"` → `1,234,567`. */
export function count(value: number | string): string {
  return typeof value === 'string' ? BigInt(value).toLocaleString('en-US') : Math.round(value).toLocaleString('en-US');
}

/** `12 s`, `4 min`, `3 h 20 min`, `6 d 4 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 100) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** How long ago, by the server's clock. */
export function ago(time: string, now: number): string {
  return `${duration((now - Date.parse(time)) / 1000)} ago`;
}

/** `21:10:03` today, `2026-11-22 21:10:03` otherwise; UTC. */
export function clock(time: string, now: number): string {
  const [day = '', hour = ''] = [time.slice(0, 10), time.slice(11, 19)];
  return day === new Date(now).toISOString().slice(0, 10) ? hour : `${day} ${hour}`;
}

export type Tone = 'good' | 'bad' | 'warn' | 'active' | 'calm' | 'unknown';

const tones: Readonly<Record<string, Tone>> = {
  succeeded: 'good',
  failed: 'bad',
  lost: 'bad',
  fenced: 'bad',
  waiting: 'warn',
  stopped: 'calm',
  idle: 'calm',
};

/** The colour that goes with a state's name: it is never alone. */
export function toneOf(phase: string): Tone {
  return tones[phase.split(',')[0] as string] ?? 'active';
}
