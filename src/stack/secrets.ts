import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { z } from 'zod';
import { Secret } from '../commons/secret.js';
import { readJson, writeAtomically } from './files.js';

const stored = z.object({
  s3AccessKey: z.string().min(1),
  s3SecretKey: z.string().min(1),
  mariadbPassword: z.string().min(1),
});

/** Generated once per stack folder. */
export interface StackSecrets {
  readonly s3AccessKey: string;
  readonly s3SecretKey: Secret;
  readonly mariadbPassword: Secret;
}

/** The stack's passwords and keys, made on first use. */
export async function loadSecrets(path: string): Promise<StackSecrets> {
  const found = await readJson(path);
  const values = found === undefined ? generate() : stored.parse(found);
  if (found === undefined) await writeAtomically(path, `${JSON.stringify(values, null, 2)}\n`, 0o600);
  else await chmod(path, 0o600);
  return {
    s3AccessKey: values.s3AccessKey,
    s3SecretKey: new Secret(values.s3SecretKey),
    mariadbPassword: new Secret(values.mariadbPassword),
  };
}

function generate(): z.output<typeof stored> {
  return {
    s3AccessKey: `elt${randomBytes(8).toString('hex')}`,
    s3SecretKey: randomBytes(24).toString('base64url'),
    mariadbPassword: randomBytes(24).toString('base64url'),
  };
}
