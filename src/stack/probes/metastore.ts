/** Two calls of a Hive Metastore (Thrift, binary protocol, not framed). */
import { exchange } from './exchange.js';

const reply = 2;
const stringType = 11;
const listType = 15;
const databases = 'get_all_databases';
const setting = 'get_config_value';

/** Calls `get_all_databases`: it answers only when its database does. */
export async function metastoreAnswers(host: string, port: number, signal: AbortSignal): Promise<void> {
  await exchange(host, port, request(databases, []), parseDatabases, signal);
}

/** The value of one of the metastore's settings, as it stands in the running server; '' when it has none. */
export async function metastoreSetting(host: string, port: number, name: string, signal: AbortSignal): Promise<string> {
  return await exchange(host, port, request(setting, [name, '']), parseSetting, signal);
}

/** True when the answer is a list; undefined while it is not complete. */
export function parseDatabases(received: Buffer): true | undefined {
  return answerOf(databases, listType, received) === undefined ? undefined : true;
}

/** The text of the answer; undefined while it is not complete. */
export function parseSetting(received: Buffer): string | undefined {
  const value = answerOf(setting, stringType, received);
  if (value === undefined || value.length < 4) return undefined;
  const end = 4 + value.readInt32BE(0);
  return value.length < end ? undefined : value.toString('utf8', 4, end);
}

function request(method: string, texts: readonly string[]): Buffer {
  const fields = texts.map((text, at) => {
    return Buffer.concat([Buffer.from([stringType, 0, at + 1]), withLength(text)]);
  });
  const versionAndCall = Buffer.from([0x80, 1, 0, 1]);
  const sequenceId = Buffer.from([0, 0, 0, 1]);
  return Buffer.concat([versionAndCall, withLength(method), sequenceId, ...fields, Buffer.from([0])]);
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** What follows the head of the answer's field; undefined while the head is not complete. */
function answerOf(method: string, type: number, received: Buffer): Buffer | undefined {
  const field = 4 + 4 + method.length + 4;
  if (received.length < field + 3) return undefined;
  if (received.readUInt8(3) !== reply || received.readUInt8(field) !== type) {
    throw new Error(
      `the metastore answered with an error: ${received.subarray(field).toString('latin1').slice(0, 200)}`,
    );
  }
  return received.subarray(field + 3);
}
