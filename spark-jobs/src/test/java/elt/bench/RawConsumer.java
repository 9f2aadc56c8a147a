package elt.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The yardstick of EXTRACT: how fast plain consumers read a topic to its end on this machine.
 * Arguments: bootstrap servers, topic, threads, passes. The first pass warms up and is not printed.
 */
public final class RawConsumer {
  private RawConsumer() {}

  public static void main(String[] args) throws Exception {
    String servers = args[0];
    String topic = args[1];
    int threads = Integer.parseInt(args[2]);
    int passes = Integer.parseInt(args[3]);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (int pass = 0; pass <= passes; pass++) {
        long startedAt = System.nanoTime();
        long rows = readAll(pool, servers, topic, threads);
        double seconds = (System.nanoTime() - startedAt) / 1e9;
        if (pass > 0) {
          System.out.printf("{\"rows\":%d,\"rowsPerSecond\":%.0f}%n", rows, rows / seconds);
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static long readAll(ExecutorService pool, String servers, String topic, int threads) throws Exception {
    List<TopicPartition> partitions = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(servers)) {
      consumer.partitionsFor(topic).forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    List<Future<Long>> reads = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      List<TopicPartition> share = new ArrayList<>();
      for (int index = thread; index < partitions.size(); index += threads) {
        share.add(partitions.get(index));
      }
      reads.add(pool.submit(() -> read(servers, share)));
    }
    long rows = 0;
    for (Future<Long> read : reads) {
      rows += read.get();
    }
    return rows;
  }

  private static long read(String servers, List<TopicPartition> partitions) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(servers)) {
      var ends = consumer.endOffsets(partitions);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long rows = 0;
      while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
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
