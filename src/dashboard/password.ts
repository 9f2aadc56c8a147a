import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EltError } from '../commons/errors.js';
import { Secret } from '../commons/secret.js';

/** A shorter one could be guessed in spite of the throttle. */
const fewestCharacters = 10;

export interface PasswordSources {
  /** `ELT_DASHBOARD_PASSWORD`. */
  readonly password?: Secret | undefined;
  /** `dashboard.passwordFile`: the first line of a file. */
  readonly passwordFile?: string | undefined;
}

/** The dashboard's password; null when none is set. @throws EltError `dashboard-password` */
export function readPassword({ password, passwordFile }: PasswordSources): Secret | null {
  if (password === undefined && passwordFile === undefined) return null;
  const found = password ?? fromFile(passwordFile as string);
  if (found.reveal().length >= fewestCharacters) return found;
  throw new EltError(
    'dashboard-password',
    `The dashboard's password has ${found.reveal().length} characters, expected at least ${fewestCharacters}.`,
    { hint: 'Make one: openssl rand -base64 18' },
  );
}

function fromFile(path: string): Secret {
  try {
    return new Secret((readFileSync(path, 'utf8').split('\n')[0] ?? '').trim());
  } catch (cause) {
    throw new EltError(
      'dashboard-password',
      `dashboard.passwordFile ${path} cannot be read: ${(cause as Error).message}`,
      {
        cause,
        hint: 'It holds the password on its first line, readable by its owner only (chmod 600).',
      },
    );
  }
}

/** Takes the same time whatever is given, its length included. */
export function isPassword(expected: Secret, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected.reveal()), digest(given));
}
