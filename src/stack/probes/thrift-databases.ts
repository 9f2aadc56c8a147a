import { exchange } from './exchange.js';

const method = 'get_all_databases';
const reply = 2;
const listType = 15;

/** Calls `get_all_databases` of a Hive Metastore (Thrift, binary protocol, not framed): it answers only when its database does. */
export async function metastoreAnswers(host: string, port: number, signal: AbortSignal): Promise<void> {
  const request = Buffer.alloc(4 + 4 + method.length + 4 + 1);
  let at = request.writeUInt32BE(0x8001_0001, 0); // version 1, call
  at = request.writeInt32BE(method.length, at);
  at += request.write(method, at);
  at = request.writeInt32BE(1, at); // sequence id
  request.writeUInt8(0, at); // no arguments
  await exchange(host, port, request, parseDatabases, signal);
}

/** True when the answer is a list; undefined while it is not complete. */
export function parseDatabases(received: Buffer): true | undefined {
  const field = 4 + 4 + method.length + 4;
  if (received.length < field + 3) return undefined;
  if (received.readUInt8(3) !== reply || received.readUInt8(field) !== listType) {
    throw new Error(
      `the metastore answered with an error: ${received.subarray(field).toString('latin1').slice(0, 200)}`,
    );
  }
  return true;
}
