package elt.extract;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A topic on a real broker, {@code ELT_KAFKA_BOOTSTRAP_SERVERS}; deleted at the end. */
final class KafkaForTests implements AutoCloseable {
  final String bootstrapServers = requiredBootstrapServers();
  final String topic = "extract_" + UUID.randomUUID().toString().replace('-', '_');
  private final Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
  private final KafkaProducer<byte[], byte[]> producer = producer(Map.of());

  KafkaForTests(int partitions) throws Exception {
    create(partitions);
  }

  static String requiredBootstrapServers() {
    String servers = System.getenv("ELT_KAFKA_BOOTSTRAP_SERVERS");
    if (servers == null) {
      throw new IllegalStateException("Tests tagged stack need a broker: set ELT_KAFKA_BOOTSTRAP_SERVERS");
    }
    return servers;
  }

  void create(int partitions) throws Exception {
    NewTopic wanted =
        new NewTopic(topic, partitions, (short) 1).configs(Map.of("max.message.bytes", String.valueOf(4 << 20)));
    admin.createTopics(List.of(wanted)).all().get();
  }

  void delete() throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
  }

  void recreate(int partitions) throws Exception {
    delete();
    for (int attempt = 0; ; attempt++) {
      try {
        create(partitions);
        return;
      } catch (ExecutionException stillBeingDeleted) {
        if (attempt == 50) {
          throw stillBeingDeleted;
        }
        Thread.sleep(100);
      }
    }
  }

  void addPartitions(int total) throws Exception {
    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(total))).all().get();
  }

  /** What retention does, at once. */
  void deleteBefore(int partition, long offset) throws Exception {
    admin
        .deleteRecords(Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(offset)))
        .all()
        .get();
  }

  /** Sends small numbered records, evenly over {@code partitions} partitions, and waits for them. */
  void send(int from, int to, int partitions) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (int i = from; i < to; i++) {
      sent.add(producer.send(new ProducerRecord<>(topic, i % partitions, null, String.valueOf(i).getBytes())));
    }
    for (Future<RecordMetadata> each : sent) {
      each.get();
    }
  }

  RecordMetadata send(ProducerRecord<byte[], byte[]> record) throws Exception {
    return producer.send(record).get();
  }

  /** One transaction, committed or aborted. */
  void transaction(boolean isCommitted, BiConsumer<KafkaProducer<byte[], byte[]>, String> sends) {
    try (KafkaProducer<byte[], byte[]> transactional =
        producer(Map.of("transactional.id", topic + "_" + UUID.randomUUID(), "enable.idempotence", true))) {
      transactional.initTransactions();
      transactional.beginTransaction();
      sends.accept(transactional, topic);
      transactional.flush();
      if (isCommitted) {
        transactional.commitTransaction();
      } else {
        transactional.abortTransaction();
      }
    }
  }

  private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
    Map<String, Object> properties = new HashMap<>();
    // A partition that is only just being created refuses the first batch; an idempotent 3.4 producer then sends
    // the second one first and ends in OutOfOrderSequence.
    properties.put("enable.idempotence", false);
    properties.put("acks", "all");
    properties.putAll(more);
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("linger.ms", 5);
    properties.put("batch.size", 256 << 10);
    properties.put("max.request.size", 4 << 20);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public void close() {
    producer.close();
    // The topic may be gone already, as the test wanted it.
    admin.deleteTopics(List.of(topic)).all().whenComplete((done, gone) -> {});
    admin.close();
  }
}
