import type { Config } from '../../commons/config.js';
import { withAdmin } from '../../kafka/connection.js';
import { topicMissing } from '../../kafka/topic-missing.js';
import { type Finding, finding, ok } from './finding.js';

/** The brokers answer, and every pipeline's topic is there. */
export async function kafkaFindings({ kafka, pipelines }: Config): Promise<readonly Finding[]> {
  return await withAdmin(kafka, async (admin) => {
    const { brokers } = await admin.describeCluster();
    const topics = new Set(await admin.listTopics());
    const wanted = Object.values(pipelines).flatMap(({ extract }) => (extract === undefined ? [] : [extract.topic]));
    return [
      ok('kafka', `${brokers.length} broker${brokers.length === 1 ? '' : 's'} at ${kafka.bootstrapServers}`),
      ...wanted.map((topic) => {
        if (topics.has(topic)) return ok(`topic ${topic}`, 'exists');
        const missing = topicMissing(topic, kafka.bootstrapServers);
        return finding('wrong', `topic ${topic}`, 'does not exist', missing.hint ?? '');
      }),
    ];
  });
}
