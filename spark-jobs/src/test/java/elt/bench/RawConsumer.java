package elt.bench;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The yardstick of EXTRACT: how fast a plain consumer reads a topic to its end on this machine.
 * Arguments: bootstrap servers, topic, passes. Part of a pass before them warms up.
 */
public final class RawConsumer {
  private static final long WARM_UP_ROWS = 10_000_000;

  private RawConsumer() {}

  public static void main(String[] args) {
    int passes = Integer.parseInt(args[2]);
    read(args[0], args[1], WARM_UP_ROWS);
    for (int pass = 0; pass < passes; pass++) {
      long startedAt = System.nanoTime();
      long rows = read(args[0], args[1], Long.MAX_VALUE);
      double seconds = (System.nanoTime() - startedAt) / 1e9;
      System.out.printf("{\"rows\":%d,\"rowsPerSecond\":%.0f}%n", rows, rows / seconds);
    }
  }

  private static long read(String servers, String topic, long most) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(servers)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition())).toList();
      var ends = consumer.endOffsets(partitions);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long rows = 0;
      while (rows < most && partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
        rows += consumer.poll(Duration.ofSeconds(5)).count();
      }
      return rows;
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String servers) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", servers);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", "false");
    settings.put("max.poll.records", "10000");
    settings.put("fetch.min.bytes", "262144");
    settings.put("fetch.max.wait.ms", "50");
    settings.put("max.partition.fetch.bytes", String.valueOf(8 << 20));
    settings.put("receive.buffer.bytes", String.valueOf(2 << 20));
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
