package elt.extract;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Consumers of one executor, kept from batch to batch because connecting costs more than a small batch
 * reads, and because they have fetched the beginning of the next one already: as many as tasks ever ran at once.
 */
final class ConsumerPool {
  private static final Map<KafkaSettings, List<TopicConsumer>> IDLE = new HashMap<>();

  private ConsumerPool() {}

  /** The idle consumer that stopped where most of the ranges begin, or a new one. The caller gives it back or closes it. */
  static TopicConsumer take(KafkaSettings settings, String topic, String topicId, List<OffsetRange> ranges) {
    TopicConsumer idle = takeIdle(settings, topic, topicId, ranges);
    return idle != null
        ? idle
        : new TopicConsumer(new KafkaConsumer<>(settings.consumer(System.getenv())), topic, topicId);
  }

  static synchronized void giveBack(KafkaSettings settings, TopicConsumer consumer) {
    IDLE.computeIfAbsent(settings, any -> new ArrayList<>()).add(consumer);
  }

  private static synchronized TopicConsumer takeIdle(
      KafkaSettings settings, String topic, String topicId, List<OffsetRange> ranges) {
    List<TopicConsumer> idle = IDLE.getOrDefault(settings, new ArrayList<>());
    // What was fetched from a topic that has been replaced since must never be read as the new one's.
    idle.removeIf(
        each -> {
          boolean isOld = each.topic().equals(topic) && !each.topicId().equals(topicId);
          if (isOld) {
            each.close();
          }
          return isOld;
        });
    TopicConsumer best =
        idle.stream()
            .filter(each -> each.topicId().equals(topicId))
            .max(Comparator.comparingLong(each -> each.fits(ranges)))
            .orElse(null);
    idle.remove(best);
    return best;
  }
}
