package elt.extract;

import java.io.Serializable;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How to reach Kafka: the addresses and properties of the program argument, which may travel to the
 * executors, and below them the secrets, which never travel: every JVM reads them from its own
 * environment ({@code ELT_KAFKA_SASL_JAAS_CONFIG} becomes {@code sasl.jaas.config}).
 *
 * <p>Later wins: tuned defaults, properties of the argument, environment, what correctness needs.
 */
public record KafkaSettings(String bootstrapServers, Map<String, String> properties)
    implements Serializable {
  private static final String ENVIRONMENT_PREFIX = "ELT_KAFKA_";

  /** Large fetches, handed out in pieces whose objects stay in a core's cache until they are written. */
  private static final Map<String, String> TUNED =
      Map.of(
          ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "2000",
          // Not limits: Kafka always hands out at least one record, however large.
          ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, String.valueOf(8 << 20),
          ConsumerConfig.FETCH_MIN_BYTES_CONFIG, String.valueOf(256 << 10),
          ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "50",
          ConsumerConfig.RECEIVE_BUFFER_CONFIG, String.valueOf(2 << 20),
          ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "15000",
          ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000",
          ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, "2000");

  /** Questions are small: a broker that takes longer is down, and a person waits to hear of it. */
  private static final Map<String, String> TUNED_ADMIN =
      Map.of(
          AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, "5000",
          AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, "5000",
          AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, "2000");

  /** The position lives in the table, never in a consumer group; a lost position is a stop. */
  private static final Map<String, String> REQUIRED =
      Map.of(
          ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false",
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none",
          ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false",
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName(),
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());

  public KafkaSettings {
    properties = Collections.unmodifiableMap(new TreeMap<>(properties));
  }

  /** Properties of the consumers. */
  public Map<String, Object> consumer(Map<String, String> environment) {
    Map<String, Object> all = new TreeMap<>(TUNED);
    all.putAll(connection(environment, ConsumerConfig.configNames()));
    all.putAll(REQUIRED);
    return all;
  }

  /** Properties of the AdminClient. */
  public Map<String, Object> admin(Map<String, String> environment) {
    Map<String, Object> all = new TreeMap<>(TUNED_ADMIN);
    all.putAll(connection(environment, AdminClientConfig.configNames()));
    return all;
  }

  private Map<String, Object> connection(Map<String, String> environment, Set<String> known) {
    Map<String, Object> all = new TreeMap<>();
    properties.forEach((name, value) -> putKnown(all, known, name, value));
    environment.forEach(
        (variable, value) -> {
          if (variable.startsWith(ENVIRONMENT_PREFIX)) {
            String name = variable.substring(ENVIRONMENT_PREFIX.length());
            putKnown(all, known, name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
          }
        });
    all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return all;
  }

  private static void putKnown(
      Map<String, Object> all, Set<String> known, String name, String value) {
    if (known.contains(name)) {
      all.put(name, value);
    }
  }
}
