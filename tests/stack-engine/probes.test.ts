import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { exchange } from '../../src/stack/probes/exchange.js';
import { parseMetadata } from '../../src/stack/probes/kafka-metadata.js';
import { parseDatabases, parseSetting } from '../../src/stack/probes/metastore.js';
import { parseGreeting } from '../../src/stack/probes/mysql-greeting.js';
import { parseClients } from '../../src/stack/probes/redis-clients.js';
import { signedHeaders } from '../../src/stack/probes/s3-bucket.js';

/** Every proper beginning of an answer is "not complete yet". */
function expectPatience(answer: Buffer, parse: (received: Buffer) => unknown): void {
  for (let length = 0; length < answer.length; length++) expect(parse(answer.subarray(0, length))).toBeUndefined();
}

const int32 = (value: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};
const text16 = (text: string) => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);

describe('answers of the engines', () => {
  test('Kafka: brokers, and the controller or -1', () => {
    const broker = (id: number) =>
      Buffer.concat([int32(id), text16('127.0.0.1'), int32(9092), Buffer.from([255, 255])]);
    const answer = (controller: number, ...brokers: Buffer[]) => {
      const body = Buffer.concat([int32(1), int32(brokers.length), ...brokers, int32(controller), int32(0)]);
      return Buffer.concat([int32(body.length), body]);
    };
    expect(parseMetadata(answer(1, broker(1), broker(2)))).toEqual({ brokers: 2, controllerId: 1 });
    expect(parseMetadata(answer(-1))).toEqual({ brokers: 0, controllerId: -1 });
    expectPatience(answer(1, broker(1)), parseMetadata);
  });

  test('MariaDB: the version it greets with, or why it refuses', () => {
    const packet = (payload: Buffer) => Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), payload]);
    const greeting = packet(Buffer.from('\x0a10.11.6-MariaDB\0rest', 'latin1'));
    expect(parseGreeting(greeting)).toBe('10.11.6-MariaDB');
    expectPatience(greeting, parseGreeting);
    const refusal = packet(Buffer.from('\xff\x10\x04Too many connections', 'latin1'));
    expect(() => parseGreeting(refusal)).toThrow('Too many connections');
  });

  test('the metastore: a list, or an exception', () => {
    const head = (type: number) =>
      Buffer.concat([Buffer.from([0x80, 1, 0, type]), int32(17), Buffer.from('get_all_databases'), int32(1)]);
    const list = Buffer.concat([head(2), Buffer.from([15, 0, 0, 11, 0, 0, 0, 0, 0])]);
    expect(parseDatabases(list)).toBe(true);
    const exception = Buffer.concat([head(2), Buffer.from([12, 0, 1]), Buffer.from('no connection')]);
    expect(() => parseDatabases(exception)).toThrow('no connection');
    expect(() => parseDatabases(Buffer.concat([head(3), Buffer.from([11, 0, 1])]))).toThrow('error');
  });

  test('the metastore: a setting, or an exception', () => {
    const head = Buffer.concat([
      Buffer.from([0x80, 1, 0, 2]),
      int32(16),
      Buffer.from('get_config_value'),
      int32(1),
      Buffer.from([11, 0, 0]),
    ]);
    expect(parseSetting(Buffer.concat([head, int32(3), Buffer.from('a.B'), Buffer.from([0])]))).toBe('a.B');
    expect(parseSetting(Buffer.concat([head, int32(0), Buffer.from([0])]))).toBe('');
    expectPatience(Buffer.concat([head, int32(3), Buffer.from('a.B')]), parseSetting);
  });

  test('Redis: who is connected and what they do', () => {
    const lines =
      'id=3 addr=127.0.0.1:51 laddr=127.0.0.1:6379 name=elt:queue:x db=0 cmd=bzpopmin user=default\n' +
      'id=4 addr=127.0.0.1:52 laddr=127.0.0.1:6379 name= db=0 cmd=client|list user=default\n';
    const answer = Buffer.from(`$${lines.length}\r\n${lines}\r\n`);
    expect(parseClients(answer)).toEqual([
      { port: 51, command: 'bzpopmin' },
      { port: 52, command: 'client|list' },
    ]);
    expectPatience(answer, parseClients);
    expect(() => parseClients(Buffer.from('-LOADING Redis is loading\r\n'))).toThrow('LOADING');
  });

  test('S3: the signature equals the one that another implementation of AWS Signature Version 4 made', () => {
    const headers = signedHeaders(
      'PUT',
      new URL('http://127.0.0.1:8333/lakehouse'),
      {
        endpoint: '',
        region: 'us-east-1',
        accessKey: 'AKIDEXAMPLE',
        secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      },
      new Date('2026-11-22T16:30:00.000Z'),
    );
    expect(headers['x-amz-date']).toBe('20261122T163000Z');
    expect(headers['authorization']).toContain('Credential=AKIDEXAMPLE/20261122/us-east-1/s3/aws4_request');
    expect(headers['authorization']).toContain(
      'Signature=b12a5da9a8ca3263b244de47363b0c27b9b1b839a8392d539011ed79d978712a',
    );
  });
});

describe('exchange', () => {
  const servers: Server[] = [];

  async function serve(answer: (socket: import('node:net').Socket) => void): Promise<number> {
    const server = createServer(answer);
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  const complete = (received: Buffer) => (received.length >= 4 ? received.toString() : undefined);

  test('puts an answer in pieces together', async () => {
    const port = await serve((socket) => {
      socket.once('data', (request) => {
        socket.write('ab');
        setImmediate(() => socket.write(request));
      });
    });
    const signal = AbortSignal.timeout(5_000);
    expect(await exchange('127.0.0.1', port, Buffer.from('cd'), complete, signal)).toBe('abcd');
  });

  test('fails when the other side hangs up early, refuses, or says nothing in time', async () => {
    const hangsUp = await serve((socket) => socket.end('a'));
    const silent = await serve(() => {});
    const ask = (port: number, timeoutMs: number) =>
      exchange('127.0.0.1', port, undefined, complete, AbortSignal.timeout(timeoutMs));
    await expect(ask(hangsUp, 5_000)).rejects.toThrow('without an answer');
    await expect(ask(silent, 50)).rejects.toThrow();
    servers.splice(0).map((server) => server.close());
    await expect(ask(1, 5_000)).rejects.toThrow('ECONNREFUSED');
  });
});
