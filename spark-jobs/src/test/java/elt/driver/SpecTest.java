package elt.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.driver.RecoverSpec.Coordinate;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpecTest {
  private static final String EXTRACT =
      """
      {"runId":"r1","pipeline":"numbers","stage":"extract","mode":"follow","catalog":"lakehouse","table":"raw.n",
       "commitIntervalMs":500,"maxRowsPerCommit":7,
       "kafka":{"bootstrapServers":"127.0.0.1:9092","topic":"n","properties":{"client.id":"x"}},
       "startFrom":"latest","gaps":"allow","acceptNewTopic":true,"acceptLoss":true,
       "statsd":"127.0.0.1:8125"}""";

  private static final String TRANSFORM =
      """
      {"runId":"r1","claim":"c1","pipeline":"numbers","stage":"transform","mode":"drain","catalog":"lakehouse","table":"silver.n",
       "from":"raw.n","rejectsTable":"silver.n_rejects","sql":"SELECT 1","acceptedWindow":{"past":5,"future":6},"fullRefresh":true}""";

  private static String problems(String json) {
    DriverException invalid = assertThrows(DriverException.class, () -> ExtractSpec.parse(json));
    assertEquals("invalid-spec", invalid.code());
    return invalid.getMessage();
  }

  @Test
  void readsExtract() {
    ExtractSpec spec = ExtractSpec.parse(EXTRACT);
    assertEquals(
        new ExtractSpec(
            "r1", "r1", "numbers", Mode.FOLLOW, "lakehouse", "raw.n", 500, 7, "127.0.0.1:9092", "n",
            Map.of("client.id", "x"), true, true, true, true, "127.0.0.1:8125"),
        spec);
    assertEquals("lakehouse.raw.n", spec.tableInSpark());
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    ExtractSpec spec =
        ExtractSpec.parse(
            """
            {"runId":"r1","claim":null,"pipeline":"numbers","stage":"extract","mode":"drain","catalog":"lakehouse","table":"raw.n",
             "kafka":{"bootstrapServers":"b","topic":"n"}}""");
    assertEquals("r1", spec.claim());
    assertEquals(10_000, spec.commitIntervalMs());
    assertEquals(10_000_000, spec.maxRowsPerCommit());
    assertEquals(Map.of(), spec.kafkaProperties());
    assertFalse(spec.startsFromLatest() || spec.allowsGaps() || spec.acceptsLoss() || spec.acceptsNewTopic());
  }

  @Test
  void readsTransform() {
    assertEquals(
        new TransformSpec(
            "r1", "c1", "numbers", Mode.DRAIN, "lakehouse", "silver.n", 10_000, 2_000_000, "raw.n", "silver.n_rejects",
            "SELECT 1", 5, 6, true, null),
        TransformSpec.parse(TRANSFORM));
  }

  @Test
  void readsRecover() {
    RecoverSpec raw =
        RecoverSpec.parse(
            """
            {"runId":"r1","pipeline":"numbers","catalog":"lakehouse","table":"raw.n","coordinate":"kafka"}""");
    assertEquals(Coordinate.KAFKA, raw.coordinate());
    assertEquals("extract", raw.stage());
    RecoverSpec silver =
        RecoverSpec.parse(
            """
            {"runId":"r1","pipeline":"numbers","stage":"transform","catalog":"lakehouse","table":"silver.n","coordinate":"clock",
             "from":"raw.n","rejectsTable":"silver.n_rejects"}""");
    assertEquals("transform", silver.stage());
    DriverException invalid =
        assertThrows(
            DriverException.class,
            () -> RecoverSpec.parse(
                """
                {"runId":"r1","pipeline":"numbers","catalog":"lakehouse","table":"silver.n","coordinate":"clock"}"""));
    assertTrue(invalid.getMessage().contains("\"from\" is missing"), invalid.getMessage());
    assertTrue(invalid.getMessage().contains("\"rejectsTable\" is missing"), invalid.getMessage());
  }

  @Test
  void allProblemsAtOnceAndNamed() {
    String problems =
        problems(
            """
            {"runId":"","pipeline":7,"stage":"transform","mode":"forever","catalog":"lakehouse","table":"raw.n; DROP",
             "commitIntervalMs":0,"maxRowsPerCommit":"many","kafka":{"topic":"n","propreties":{},"properties":{"a":1}},
             "gaps":true,"acceptLoss":"yes","surprise":1}""");
    for (String problem :
        new String[] {
          "\"runId\" expected a non-empty string, was \"\"",
          "\"pipeline\" expected a non-empty string, was 7",
          "\"stage\" expected one of [extract], was \"transform\"",
          "\"mode\" expected one of [drain, follow], was \"forever\"",
          "\"table\" expected namespace.table of letters, digits and _, was \"raw.n; DROP\"",
          "\"commitIntervalMs\" expected a whole number from 1, was 0",
          "\"maxRowsPerCommit\" expected a whole number from 1, was \"many\"",
          "\"kafka.bootstrapServers\" is missing",
          "\"kafka.propreties\" is not a key",
          "\"kafka.properties.a\" expected a non-empty string, was 1",
          "\"gaps\" expected a non-empty string, was true",
          "\"acceptLoss\" expected true or false, was \"yes\"",
          "\"surprise\" is not a key"
        }) {
      assertTrue(problems.contains(problem), problem + " is missing in: " + problems);
    }
  }

  @Test
  void whatIsNoObjectIsRefused() {
    assertTrue(problems("[]").contains("expected a JSON object"));
    assertTrue(problems("").contains("expected a JSON object"));
    assertTrue(problems("{\"a\":1").contains("expected a JSON object"));
    assertTrue(problems("{} {}").contains("expected a JSON object"));
    assertTrue(problems("{\"runId\":\"a\",\"runId\":\"b\"}").contains("Duplicate field 'runId'"));
    assertTrue(problems("{\"kafka\":[]}").contains("\"kafka\" expected an object, was []"));
  }
}
