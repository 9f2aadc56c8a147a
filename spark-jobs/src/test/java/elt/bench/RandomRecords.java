package elt.bench;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Fills a topic with random records. Arguments: brokers, topic, records, bytes of each, and {@code bytes}, which no codec can make
 * smaller, or {@code integers} of so many digits.
 */
public final class RandomRecords {
  private static final int THREADS = 2;

  private RandomRecords() {}

  public static void main(String[] args) throws InterruptedException {
    long records = Long.parseLong(args[2]);
    int bytes = Integer.parseInt(args[3]);
    boolean isInteger = args[4].equals("integers");
    Map<String, Object> settings =
        Map.of("bootstrap.servers", args[0], "acks", "all", "batch.size", 131_072, "linger.ms", 20);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      Thread[] threads = new Thread[THREADS];
      for (int i = 0; i < THREADS; i++) {
        long share = records * (i + 1) / THREADS - records * i / THREADS;
        SplittableRandom random = new SplittableRandom(i + 1);
        UnaryOperator<byte[]> filled = isInteger ? value -> digits(value, random) : value -> bytes(value, random);
        threads[i] =
            new Thread(
                () -> {
                  for (long sent = 0; sent < share; sent++) {
                    producer.send(new ProducerRecord<>(args[1], filled.apply(new byte[bytes])));
                  }
                });
        threads[i].start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private static byte[] bytes(byte[] value, SplittableRandom random) {
    random.nextBytes(value);
    return value;
  }

  /** Without a leading zero. */
  private static byte[] digits(byte[] value, SplittableRandom random) {
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) ('0' + random.nextInt(i == 0 ? 1 : 0, 10));
    }
    return value;
  }
}
