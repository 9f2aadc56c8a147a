package elt.bench;

import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Fills a topic with records of random bytes, which no codec can make smaller. Arguments: brokers, topic, records, bytes of each. */
public final class RandomRecords {
  private RandomRecords() {}

  public static void main(String[] args) {
    String topic = args[1];
    long records = Long.parseLong(args[2]);
    int bytes = Integer.parseInt(args[3]);
    SplittableRandom random = new SplittableRandom(1);
    Map<String, Object> settings =
        Map.of("bootstrap.servers", args[0], "acks", "all", "batch.size", 131_072, "linger.ms", 20);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long i = 0; i < records; i++) {
        byte[] value = new byte[bytes];
        random.nextBytes(value);
        producer.send(new ProducerRecord<>(topic, value));
      }
    }
  }
}
