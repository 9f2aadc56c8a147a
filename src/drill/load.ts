import kafkajs, { type Producer } from 'kafkajs';
import { sleep } from '../commons/retry.js';
import { kafkaSettings } from '../kafka/connection.js';
import type { KafkaAddress } from '../kafka/security.js';
import { Acknowledgements, recordValue } from './numbered-records.js';

const batchesPerSecond = 5;
const pauseAfterFailureMs = 500;

export interface LoadRequest {
  readonly topic: string;
  readonly partitions: number;
  readonly ratePerSecond: number;
}

/** Produces numbered records at a steady rate until it is stopped, through every outage of the broker. */
export class Load {
  readonly acknowledged = new Acknowledgements();
  readonly #kafka: KafkaAddress;
  readonly #request: LoadRequest;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(kafka: KafkaAddress, request: LoadRequest) {
    this.#kafka = kafka;
    this.#request = request;
    this.#ended = this.#produce();
  }

  /** Ends after the batch in hand. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #produce(): Promise<void> {
    let producer: Producer | undefined;
    const size = Math.max(1, Math.round(this.#request.ratePerSecond / batchesPerSecond));
    for (let batch = 0; !this.#stopping.signal.aborted; ) {
      const startedAt = performance.now();
      try {
        producer ??= await this.#connect();
        await this.#send(producer, batch, size);
        batch += 1;
        await sleep(1_000 / batchesPerSecond - (performance.now() - startedAt), this.#stopping.signal);
      } catch {
        // Whether this batch arrived is unknown: it is sent again, and only offsets that were acknowledged count as sent.
        await producer?.disconnect().catch(() => undefined);
        producer = undefined;
        await sleep(pauseAfterFailureMs, this.#stopping.signal);
      }
    }
    await producer?.disconnect().catch(() => undefined);
  }

  async #connect(): Promise<Producer> {
    const client = new kafkajs.Kafka({ ...kafkaSettings(this.#kafka), requestTimeout: 5_000 });
    const producer = client.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
    await producer.connect();
    return producer;
  }

  async #send(producer: Producer, batch: number, size: number): Promise<void> {
    const firstNumber = batch * size;
    const partition = batch % this.#request.partitions;
    const messages = Array.from({ length: size }, (_, index) => ({
      key: null,
      value: recordValue(firstNumber + index),
      partition,
    }));
    const [answer] = await producer.send({ topic: this.#request.topic, acks: -1, messages });
    if (answer?.baseOffset === undefined) throw new Error('the broker acknowledged without an offset');
    this.acknowledged.add({ partition, offset: Number(answer.baseOffset), firstNumber, count: size });
  }
}
