import { randomBytes } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** `20261122t163000-x7k2ab`: UTC second and six random characters; sorts by time; safe in names of every engine. */
export function newRunId(now: Date): string {
  const second = now.toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase();
  const suffix = [...randomBytes(6)].map((byte) => alphabet[byte % alphabet.length]).join('');
  return `${second}-${suffix}`;
}

/** Whether a text has the form of a run id. */
export function isRunId(text: string): boolean {
  return /^\d{8}t\d{6}-[a-z2-7]{6}$/.test(text);
}
