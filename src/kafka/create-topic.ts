import { type KafkaAddress, withAdmin } from './connection.js';

export interface TopicSettings {
  readonly partitions: number;
  readonly replicas?: number;
  /** Topic configuration, for example `{ 'retention.ms': '-1' }`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Creates a topic and waits until every partition has a leader. Returns false when it was there already. */
export async function createTopic(kafka: KafkaAddress, topic: string, settings: TopicSettings): Promise<boolean> {
  return await withAdmin(kafka, async (admin) => {
    if ((await admin.listTopics()).includes(topic)) return false;
    return await admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic,
          numPartitions: settings.partitions,
          replicationFactor: settings.replicas ?? 1,
          configEntries: Object.entries(settings.config ?? {}).map(([name, value]) => ({ name, value })),
        },
      ],
    });
  });
}
