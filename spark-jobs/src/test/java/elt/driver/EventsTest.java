package elt.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elt.ledger.Position;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Events events = new Events(new PrintStream(out, false, StandardCharsets.UTF_8), "run-1");

  private List<JsonNode> written() throws Exception {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.toString(StandardCharsets.UTF_8).split("\n")) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  private static CommitEvent commit(long snapshotId, Position from, Position to) {
    return new CommitEvent("raw.n", "commit-" + snapshotId, snapshotId, 10, 2, from, to, null, 1_000_001L, 5, 7, 8);
  }

  @Test
  void aCommitHasItsNumbersAsAgreed() throws Exception {
    Position to = Position.EMPTY.startGeneration("a", Map.of(0, 10L));
    events.commit(commit(Long.MAX_VALUE, Position.EMPTY, to));
    JsonNode event = written().get(0);
    assertEquals("commit", event.get("event").asText());
    assertEquals("run-1", event.get("runId").asText());
    assertEquals("9223372036854775807", event.get("snapshotId").textValue());
    assertEquals(10, event.get("rows").longValue());
    assertTrue(event.get("startPosition").isArray());
    assertEquals("10", event.at("/endPosition/0/offsets/0").textValue());
    assertTrue(event.get("startIngestedAt").isNull());
    assertEquals("1970-01-01T00:00:01.000001Z", event.get("ingestedAt").textValue());
    assertTrue(event.get("at").textValue().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z"), event.toString());
  }

  @Test
  void theEndSumsUpTheCommits() throws Exception {
    Position first = Position.EMPTY.startGeneration("a", Map.of(0, 10L));
    Position second = first.advance(Map.of(0, 20L));
    events.commit(commit(1, Position.EMPTY, first));
    events.commit(commit(2, first, second));
    events.end(RunState.FAILED, new DriverException("offset-gap", "a \"quoted\"\nmessage"));
    JsonNode end = written().get(2);
    assertEquals("failed", end.get("state").asText());
    assertEquals(20, end.get("rows").longValue());
    assertEquals(4, end.get("rejects").longValue());
    assertEquals("[]", end.get("startPosition").toString());
    assertEquals(second.json(), end.get("endPosition").toString());
    assertEquals("[\"1\",\"2\"]", end.get("snapshotIds").toString());
    assertEquals("offset-gap", end.at("/error/code").asText());
    assertEquals("a \"quoted\"\nmessage", end.at("/error/message").asText());
  }

  @Test
  void anEndWithoutCommitsHasNoPositions() throws Exception {
    events.end(RunState.SUCCEEDED, null);
    JsonNode end = written().get(0);
    assertTrue(end.get("startPosition").isNull() && end.get("endPosition").isNull() && end.get("error").isNull());
    assertEquals("[]", end.get("snapshotIds").toString());
  }

  @Test
  void aLongRunNamesItsNewestSnapshotsOnly() throws Exception {
    for (long id = 1; id <= RunTally.MAX_SNAPSHOT_IDS + 5; id++) {
      events.commit(commit(id, Position.EMPTY, Position.EMPTY));
    }
    events.end(RunState.STOPPED, null);
    JsonNode ids = written().get(RunTally.MAX_SNAPSHOT_IDS + 5).get("snapshotIds");
    assertEquals(RunTally.MAX_SNAPSHOT_IDS, ids.size());
    assertEquals("6", ids.get(0).textValue());
  }

  @Test
  void idleIsWrittenOnceInAWhile() throws Exception {
    events.idle(0);
    events.idle(0);
    assertEquals(1, written().size());
  }

  @Test
  void linesOfSeveralThreadsStayWhole() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(new Thread(() -> {
        for (int n = 0; n < 200; n++) {
          events.waiting("kafka-unreachable", "x".repeat(300));
        }
      }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(800, written().size());
    assertFalse(written().stream().anyMatch(event -> !event.get("event").asText().equals("waiting")));
  }
}
