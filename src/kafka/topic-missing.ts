import type { Admin } from 'kafkajs';
import { EltError } from '../commons/errors.js';

/** Throws EltError `topic-missing` (exit 2), with the command that creates it, when the broker does not know the topic. */
export async function requireTopic(admin: Admin, topic: string, bootstrapServers: string): Promise<void> {
  const topics = await admin.listTopics();
  if (!topics.includes(topic)) throw topicMissing(topic, bootstrapServers);
}

export function topicMissing(topic: string, bootstrapServers: string): EltError {
  return new EltError('topic-missing', `Topic "${topic}" does not exist on Kafka at ${bootstrapServers}.`, {
    hint: `Create it: kafka-topics.sh --bootstrap-server ${bootstrapServers} --create --topic ${topic} --partitions 4`,
  });
}
