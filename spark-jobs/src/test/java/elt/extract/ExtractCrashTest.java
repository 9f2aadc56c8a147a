package elt.extract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import elt.driver.Failpoint;
import elt.driver.Mode;
import elt.driver.RunState;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** EXTRACT's driver as a process that dies, sleeps, or is told to stop. */
@Tag("stack")
class ExtractCrashTest {
  private static final int ROWS = 100_000;

  @Test
  void killedAtAnyMomentEveryRecordIsThereOnce() throws Exception {
    long seed = Long.getLong("elt.seed", System.nanoTime());
    int rounds = Integer.getInteger("elt.crashes", 1);
    System.err.println("killing " + rounds + " times at random, -Delt.seed=" + seed);
    Random random = new Random(seed);
    try (KafkaForTests kafka = new KafkaForTests(3)) {
      kafka.send(0, ROWS, 3);
      for (Failpoint moment : Failpoint.values()) {
        String failpoints = moment.word() + "=kill" + (moment == Failpoint.CLAIM_DONE ? "" : "@" + (1 + random.nextInt(3)));
        try (ExtractProcess driver =
            new ExtractProcess(kafka, Mode.FOLLOW, Map.of("maxRowsPerCommit", 5_000), failpoints)) {
          assertEquals(128 + 9, driver.exitCode(), failpoints);
        }
      }
      for (int round = 0; round < rounds; round++) {
        try (ExtractProcess driver = new ExtractProcess(kafka, Mode.FOLLOW, Map.of("maxRowsPerCommit", 5_000))) {
          driver.await(random.nextInt(3) == 0 ? "started" : "claimed");
          Thread.sleep(random.nextInt(2_500));
          driver.kill();
        }
      }
      try (ExtractProcess driver = new ExtractProcess(kafka, Mode.DRAIN, Map.of())) {
        assertEquals("succeeded", driver.await("end").get("state").asText());
        assertEquals(0, driver.exitCode());
      }
      RawRows raw = new RawRows(kafka.topic);
      assertEquals(ROWS, raw.count("count(*)"), "seed " + seed);
      assertEquals(ROWS, raw.count("count(DISTINCT CAST(kafka_value AS STRING))"), "seed " + seed);
      raw.assertNothingTwice();
    }
  }

  @Test
  void aDriverThatSleptWhileAnotherClaimedIsFenced() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(2)) {
      kafka.send(0, ROWS, 2);
      try (ExtractProcess driver = new ExtractProcess(kafka, Mode.FOLLOW, Map.of("maxRowsPerCommit", 5_000))) {
        driver.await("commit");
        driver.signal("STOP");
        RawRows raw = new RawRows(kafka.topic);
        long before = raw.count("count(*)");
        assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
        assertTrue(before < ROWS, "the first driver should have been stopped in the middle");
        assertEquals(ROWS, raw.count("count(*)"));
        kafka.send(ROWS, ROWS + 10, 2);
        driver.signal("CONT");
        JsonNode end = driver.await("end");
        assertEquals("fenced", end.get("state").asText());
        assertEquals("fenced", end.at("/error/code").asText());
        assertEquals(7, driver.exitCode());
        assertEquals(ROWS, raw.count("count(*)"), "the sleeper wrote no more");
        raw.assertNothingTwice();
        raw.assertNoOrphans();
      }
    }
  }

  @Test
  void sigtermEndsTheRunCleanly() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(2);
        ExtractProcess driver = new ExtractProcess(kafka, Mode.FOLLOW, Map.of())) {
      kafka.send(0, 1_000, 2);
      driver.await("commit");
      driver.signal("TERM");
      JsonNode end = driver.await("end");
      assertEquals("stopped", end.get("state").asText());
      assertEquals(0, driver.exitCode());
      RawRows raw = new RawRows(kafka.topic);
      assertEquals(end.get("rows").asLong(), raw.count("count(*)"));
      assertEquals(end.get("runId").asText() + ":stopped", raw.table().properties().get("elt.released"));
      raw.assertNoOrphans();
    }
  }
}
