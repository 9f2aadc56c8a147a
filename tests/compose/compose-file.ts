/** docker-compose.yml as `docker compose` reads it: merged, with the variables of an `.env`. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

export const root = resolve(import.meta.dirname, '../..');

export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | LongVolume)[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly mem_limit?: string;
  readonly profiles?: readonly string[];
}

interface LongVolume {
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly volume?: { readonly nocopy?: boolean };
}

export interface Mount {
  /** A path of the repository, or a named volume. */
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
  /** Whether a new volume gets what the image has there. */
  readonly isCopied: boolean;
}

/** Mounts in both of compose's notations. */
export function mountsOf({ volumes = [] }: ComposeService): readonly Mount[] {
  return volumes.map((one) => {
    if (typeof one !== 'string') {
      const { source, target, read_only: isReadOnly = false, volume } = one;
      return { source, target, isReadOnly, isCopied: volume?.nocopy !== true };
    }
    const [source = '', target = '', mode] = one.split(':');
    return { source, target, isReadOnly: mode === 'ro', isCopied: !source.startsWith('.') };
  });
}

/** `896m`, `6g`: mebibytes. */
export function mebibytesOf(limit = ''): number {
  const match = /^(\d+)([mg])$/.exec(limit);
  if (match === null) throw new Error(`"${limit}" is no memory limit`);
  return Number(match[1]) * (match[2] === 'g' ? 1024 : 1);
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** Values of an `.env`: as `.env.example` says, every empty secret filled in with `secret-of-NAME`. */
export function exampleEnvironment(): Record<string, string> {
  const lines = readFileSync(join(root, '.env.example'), 'utf8').split('\n');
  const pairs = lines.flatMap((line) => {
    const match = /^([A-Z0-9_]+)=(.*)$/.exec(line);
    return match === null ? [] : [[match[1] as string, match[2] as string] as const];
  });
  const isOptional = (name: string) => name === 'ALERT_WEBHOOK' || name === 'COMPOSE_PROFILES';
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, value === '' && !isOptional(name) ? secretOf(name) : value]),
  );
}

export function secretOf(name: string): string {
  return `secret-of-${name.toLowerCase()}`;
}

export function composeText(): string {
  return readFileSync(join(root, 'docker-compose.yml'), 'utf8');
}

/** @throws Error for a variable that has no value and no default */
export function composeFile(env: Readonly<Record<string, string>> = exampleEnvironment()): ComposeFile {
  const text = composeText().replaceAll(
    /\$\{([A-Z0-9_]+)(?::([?-])([^}]*))?\}/g,
    (_, name: string, kind?: string, rest?: string) => {
      const value = env[name];
      if (value !== undefined && value !== '') return value;
      if (kind === '-') return rest ?? '';
      throw new Error(`${name} has no value: ${rest ?? 'not even a message'}`);
    },
  );
  return parse(text, { merge: true }) as ComposeFile;
}
