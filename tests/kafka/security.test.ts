import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/commons/secret.js';
import { securityOf } from '../../src/kafka/security.js';

const kafka = (properties: Record<string, string>, jaas?: string) => ({
  bootstrapServers: '127.0.0.1:9092',
  properties,
  ...(jaas === undefined ? {} : { saslJaasConfig: new Secret(jaas) }),
});
const jaas = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="eve" password="p w";';

describe('the Java client’s words in kafkajs', () => {
  test('plain text is the default, SSL is switched on by the protocol', () => {
    expect(securityOf(kafka({}))).toEqual({ ssl: false });
    expect(securityOf(kafka({ 'security.protocol': 'SSL' }))).toEqual({ ssl: true });
  });

  test('the login comes from the JAAS line', () => {
    const settings = { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'SCRAM-SHA-512' };
    expect(securityOf(kafka(settings, jaas))).toEqual({
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'eve', password: 'p w' },
    });
  });

  test('a missing login and an unknown mechanism say what to do', () => {
    expect(() => securityOf(kafka({ 'security.protocol': 'SASL_SSL' }))).toThrow('no user name and password');
    const kerberos = { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'GSSAPI' };
    expect(() => securityOf(kafka(kerberos, jaas))).toThrow('"gssapi" is not supported');
  });
});
