package elt.extract;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Asks the brokers about one topic. Topic ids come from the AdminClient (a consumer does not show
 * them); end offsets from a {@code read_committed} consumer, because the AdminClient's default counts
 * records of open transactions that no task could read.
 */
public final class KafkaTopic implements AutoCloseable {
  private final String topic;
  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;

  public KafkaTopic(String topic, KafkaSettings settings, Map<String, String> environment) {
    this.topic = topic;
    this.consumer = new KafkaConsumer<>(settings.consumer(environment));
    this.admin = Admin.create(settings.admin(environment));
  }

  /**
   * The topic's id, partitions and offsets now; empty when there is no such topic.
   *
   * @throws KafkaException when no broker answers in time
   */
  public Optional<TopicFacts> facts() {
    Optional<TopicDescription> description = describe();
    if (description.isEmpty()) {
      return Optional.empty();
    }
    List<TopicPartition> partitions = new ArrayList<>();
    for (TopicPartitionInfo info : description.get().partitions()) {
      partitions.add(new TopicPartition(topic, info.partition()));
    }
    // Ends after earliest: retention may move on in between, and earliest <= end must hold.
    Map<TopicPartition, Long> earliest = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    SortedMap<Integer, TopicFacts.Bounds> bounds = new TreeMap<>();
    for (TopicPartition partition : partitions) {
      bounds.put(
          partition.partition(),
          new TopicFacts.Bounds(earliest.get(partition), ends.get(partition)));
    }
    return Optional.of(
        new TopicFacts(topic, description.get().topicId().toString(), bounds));
  }

  /** The topic's id now; empty when there is no such topic. */
  public Optional<String> topicId() {
    return describe().map(description -> description.topicId().toString());
  }

  private Optional<TopicDescription> describe() {
    try {
      return Optional.of(
          admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  public void close() {
    consumer.close(Duration.ZERO);
    admin.close(Duration.ZERO);
  }
}
