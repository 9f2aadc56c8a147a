import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { z } from 'zod';
import { Secret } from '../commons/secret.js';
import { readJson, writeAtomically } from './files.js';

const stored = z.strictObject({
  s3AccessKey: z.string().min(1),
  s3SecretKey: z.string().min(1),
  mariadbPassword: z.string().min(1),
  kafkaClusterId: z.string().length(22),
});

/** Generated once per stack folder. */
export interface StackSecrets {
  readonly s3AccessKey: string;
  readonly s3SecretKey: Secret;
  readonly mariadbPassword: Secret;
  /** Not secret, but made at the same time and for as long. */
  readonly kafkaClusterId: string;
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
    kafkaClusterId: values.kafkaClusterId,
  };
}

function generate(): z.output<typeof stored> {
  return {
    s3AccessKey: `elt${randomBytes(8).toString('hex')}`,
    s3SecretKey: randomBytes(24).toString('base64url'),
    mariadbPassword: randomBytes(24).toString('base64url'),
    // Kafka's cluster id is a UUID in base64url; a leading "-" would look like an option.
    kafkaClusterId: `e${randomBytes(16).toString('base64url').slice(1)}`,
  };
}
