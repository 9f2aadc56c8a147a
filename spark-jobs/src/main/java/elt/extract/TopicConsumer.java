package elt.extract;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * A Kafka consumer of one topic that goes on where it stopped: what it had fetched beyond the end of one range is the
 * beginning of the next. Not safe for several threads.
 */
final class TopicConsumer {
  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final String topicId;

  /** Offset at which the last range of a partition ended; of partitions that are assigned. */
  private final Map<TopicPartition, Long> stops = new HashMap<>();

  /** What was handed out from there on. */
  private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> rests = new HashMap<>();

  /**
   * @param consumer {@code read_committed}, without automatic offset reset; its assignment is replaced
   * @param topicId of the topic as it was when the ranges were planned: a topic of the same name with another id is another
   */
  TopicConsumer(Consumer<byte[], byte[]> consumer, String topic, String topicId) {
    this.consumer = consumer;
    this.topic = topic;
    this.topicId = topicId;
  }

  String topic() {
    return topic;
  }

  String topicId() {
    return topicId;
  }

  /** How many of the ranges begin where this consumer stopped. */
  long fits(List<OffsetRange> ranges) {
    return ranges.stream().filter(range -> isNext(range)).count();
  }

  /** From now on these ranges are read, and nothing else. */
  void assign(List<OffsetRange> ranges) {
    Map<TopicPartition, OffsetRange> wanted =
        ranges.stream().collect(Collectors.toMap(this::partition, range -> range));
    Set<TopicPartition> partitions = wanted.keySet();
    consumer.assign(partitions);
    // A partition that was assigned before, by an earlier reader, is still paused.
    consumer.resume(partitions);
    stops.keySet().retainAll(partitions);
    rests.keySet().retainAll(partitions);
    wanted.forEach(
        (partition, range) -> {
          if (!isNext(range)) {
            rests.remove(partition);
            consumer.seek(partition, range.from());
          }
          stops.remove(partition);
        });
  }

  /** What was handed out before beyond the end of the range that ended here; empty the second time. */
  List<ConsumerRecord<byte[], byte[]>> takeRest(TopicPartition partition) {
    List<ConsumerRecord<byte[], byte[]>> rest = rests.remove(partition);
    return rest == null ? List.of() : rest;
  }

  ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    return consumer.poll(timeout);
  }

  /** The offset after all that was handed out, and after what never is: control records, aborted and compacted ones. */
  long position(TopicPartition partition) {
    return consumer.position(partition);
  }

  /** Nothing more of these partitions is wanted for now. */
  void pause(Collection<TopicPartition> partitions) {
    consumer.pause(partitions);
  }

  /**
   * Remembers where a range ended.
   *
   * @param rest all that was handed out from {@code offset} on
   */
  void stopAt(TopicPartition partition, long offset, List<ConsumerRecord<byte[], byte[]>> rest) {
    stops.put(partition, offset);
    if (!rest.isEmpty()) {
      rests.put(partition, rest);
    }
  }

  /** Closes the consumer at once, whatever state it is in. */
  void close() {
    // Kafka refuses to close in an interrupted thread; the task's end must not be lost either.
    boolean interrupted = Thread.interrupted();
    try {
      consumer.close(Duration.ZERO);
    } catch (RuntimeException ignored) {
      // Nothing is lost with it: it committed nothing.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  TopicPartition partition(OffsetRange range) {
    return new TopicPartition(topic, range.partition());
  }

  private boolean isNext(OffsetRange range) {
    Long stop = stops.get(partition(range));
    return stop != null && stop == range.from();
  }
}
