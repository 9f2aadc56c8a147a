import { exchange } from './exchange.js';

/** What a broker says about its cluster. */
export interface KafkaMetadata {
  readonly brokers: number;
  /** -1 while there is none. */
  readonly controllerId: number;
}

/** Asks for the cluster's metadata without any topic: Kafka's Metadata request, version 1. */
export function kafkaMetadata(host: string, port: number, signal: AbortSignal): Promise<KafkaMetadata> {
  const client = 'elt-stack';
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 4);
  let at = request.writeInt32BE(request.length - 4, 0);
  at = request.writeInt16BE(3, at); // Metadata
  at = request.writeInt16BE(1, at); // version
  at = request.writeInt32BE(1, at); // correlation id
  at = request.writeInt16BE(client.length, at);
  at += request.write(client, at);
  request.writeInt32BE(0, at); // no topics
  return exchange(host, port, request, parseMetadata, signal);
}

/** The answer's content; undefined while it is not complete. */
export function parseMetadata(received: Buffer): KafkaMetadata | undefined {
  if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return undefined;
  let at = 8; // size, correlation id
  const brokers = received.readInt32BE(at);
  at += 4;
  const skipString = () => {
    at += 2 + Math.max(0, received.readInt16BE(at));
  };
  for (let broker = 0; broker < brokers; broker += 1) {
    at += 4; // node id
    skipString(); // host
    at += 4; // port
    skipString(); // rack, may be null (-1)
  }
  return { brokers, controllerId: received.readInt32BE(at) };
}
