package elt.extract;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Consumers of one executor, kept from batch to batch because connecting costs more than a small batch
 * reads: as many as tasks ever ran at once, the warmest first.
 */
final class ConsumerPool {
  private static final Map<KafkaSettings, ConcurrentLinkedDeque<KafkaConsumer<byte[], byte[]>>>
      IDLE = new ConcurrentHashMap<>();

  private ConsumerPool() {}

  /** An idle consumer, or a new one. The caller gives it back or closes it. */
  static KafkaConsumer<byte[], byte[]> take(KafkaSettings settings) {
    KafkaConsumer<byte[], byte[]> idle = idle(settings).pollLast();
    return idle != null ? idle : new KafkaConsumer<>(settings.consumer(System.getenv()));
  }

  static void giveBack(KafkaSettings settings, KafkaConsumer<byte[], byte[]> consumer) {
    idle(settings).addLast(consumer);
  }

  /** For a consumer whose state nobody knows: after an exception, a stall or an interrupt. */
  static void discard(KafkaConsumer<byte[], byte[]> consumer) {
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

  private static ConcurrentLinkedDeque<KafkaConsumer<byte[], byte[]>> idle(KafkaSettings settings) {
    return IDLE.computeIfAbsent(settings, any -> new ConcurrentLinkedDeque<>());
  }
}
