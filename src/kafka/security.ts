import type { KafkaConfig, SASLOptions } from 'kafkajs';
import type { ConfigValues } from '../commons/config-schema.js';
import { EltError } from '../commons/errors.js';
import type { Secret } from '../commons/secret.js';

/** Addresses and consumer properties as in `elt.yaml`; the SASL secret only from the environment. */
export type KafkaAddress = ConfigValues['kafka'] & { readonly saslJaasConfig?: Secret | undefined };

/** Reads the Java client's own words (`security.protocol`, `sasl.mechanism`, JAAS) into what kafkajs wants. */
export function securityOf(kafka: KafkaAddress): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const protocol = kafka.properties['security.protocol'] ?? 'PLAINTEXT';
  const ssl = protocol === 'SSL' || protocol === 'SASL_SSL';
  return protocol.startsWith('SASL_') ? { ssl, sasl: saslOf(kafka) } : { ssl };
}

function saslOf(kafka: KafkaAddress): SASLOptions {
  const mechanism = (kafka.properties['sasl.mechanism'] ?? 'PLAIN').toLowerCase();
  const jaas = kafka.saslJaasConfig?.reveal() ?? '';
  const username = /username="([^"]*)"/.exec(jaas)?.[1];
  const password = /password="([^"]*)"/.exec(jaas)?.[1];
  if (username === undefined || password === undefined) {
    throw new EltError(
      'kafka-login-missing',
      'security.protocol asks for SASL, but no user name and password were found',
      {
        hint: 'Set ELT_KAFKA_SASL_JAAS_CONFIG to the login module line with username="…" password="…".',
      },
    );
  }
  if (mechanism === 'plain' || mechanism === 'scram-sha-256' || mechanism === 'scram-sha-512') {
    return { mechanism, username, password } as SASLOptions;
  }
  throw new EltError('kafka-login-unknown', `sasl.mechanism "${mechanism}" is not supported here`, {
    hint: 'Expected PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.',
  });
}
