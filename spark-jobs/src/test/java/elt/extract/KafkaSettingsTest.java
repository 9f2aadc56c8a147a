package elt.extract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaSettingsTest {
  private static final Map<String, String> SECRETS =
      Map.of(
          "ELT_KAFKA_SASL_JAAS_CONFIG", "jaas",
          "ELT_KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT",
          "ELT_KAFKA_BOOTSTRAP_SERVERS", "elsewhere:1",
          "ELT_KAFKA_ISOLATION_LEVEL", "read_uncommitted",
          "PATH", "/bin");

  private final KafkaSettings settings =
      new KafkaSettings(
          "here:1", Map.of("max.poll.records", "7", "auto.offset.reset", "latest", "security.protocol", "SSL"));

  @Test
  void secretsComeFromTheEnvironmentOfEachProcess() {
    assertEquals("jaas", settings.consumer(SECRETS).get("sasl.jaas.config"));
    assertEquals("jaas", settings.admin(SECRETS).get("sasl.jaas.config"));
    assertFalse(settings.consumer(Map.of()).containsKey("sasl.jaas.config"));
  }

  @Test
  void environmentWinsOverTheArgumentButNotForTheAddress() {
    assertEquals("SASL_PLAINTEXT", settings.consumer(SECRETS).get("security.protocol"));
    assertEquals("here:1", settings.consumer(SECRETS).get("bootstrap.servers"));
    assertEquals("here:1", settings.admin(SECRETS).get("bootstrap.servers"));
  }

  @Test
  void theArgumentMayTuneButNotWhatCorrectnessNeeds() {
    Map<String, Object> consumer = settings.consumer(SECRETS);
    assertEquals("7", consumer.get("max.poll.records"));
    assertEquals("none", consumer.get("auto.offset.reset"));
    assertEquals("read_committed", consumer.get("isolation.level"));
    assertEquals("false", consumer.get("allow.auto.create.topics"));
  }

  @Test
  void theAdminClientGetsOnlyWhatItKnows() {
    assertFalse(settings.admin(Map.of()).containsKey("max.poll.records"));
  }
}
