package elt.extract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import elt.ledger.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Thousands of random histories of a topic (records, retention, new partitions, deletion), read by plans
 * with random limits. At the end every record ever produced was read exactly once, or is in an accepted
 * loss, or was gone before the topic was first seen, or died unread with its deleted topic.
 */
class ExtractPlannerModelTest {
  private static final int HISTORIES = 3_000;

  @Test
  void everyOffsetIsReadOnceOrOnRecord() throws Exception {
    long seed = Long.getLong("elt.seed", System.nanoTime());
    for (int i = 0; i < HISTORIES; i++) {
      try {
        new History(new Random(seed + i)).play();
      } catch (AssertionError | Exception e) {
        throw new AssertionError("history with -Delt.seed=" + (seed + i), e);
      }
    }
  }

  private static final class History {
    private final Random random;
    private final boolean startsFromLatest;
    private final List<long[]> bounds = new ArrayList<>();
    /** topic id/partition/offset → how it was accounted for */
    private final Map<String, String> accounts = new HashMap<>();

    private int topic;
    private Position position = Position.EMPTY;

    History(Random random) {
      this.random = random;
      this.startsFromLatest = random.nextInt(4) == 0;
    }

    void play() throws Exception {
      createTopic();
      int steps = 5 + random.nextInt(40);
      for (int step = 0; step < steps; step++) {
        if (random.nextBoolean()) {
          change();
        } else {
          plan(random.nextInt(4) == 0);
        }
      }
      int most = 10_000;
      while (!(plan(true) instanceof ExtractPlan.CaughtUp)) {
        assertTrue(most-- > 0, "never caught up");
      }
      for (int partition = 0; partition < bounds.size(); partition++) {
        for (long offset = bounds.get(partition)[0]; offset < bounds.get(partition)[1]; offset++) {
          assertNotNull(accounts.get(key(partition, offset)), "not accounted for: " + key(partition, offset));
        }
      }
    }

    private void createTopic() {
      topic++;
      bounds.clear();
      int partitions = 1 + random.nextInt(4);
      for (int i = 0; i < partitions; i++) {
        bounds.add(new long[] {0, 0});
      }
    }

    private void change() {
      int partition = random.nextInt(bounds.size());
      switch (random.nextInt(12)) {
        case 0 -> bounds.get(partition)[0] += random.nextLong(bounds.get(partition)[1] - bounds.get(partition)[0] + 1);
        case 1 -> bounds.add(new long[] {0, 0});
        case 2 -> {
          if (random.nextInt(3) == 0) {
            createTopic();
          }
        }
        default -> bounds.get(partition)[1] += random.nextInt(30);
      }
    }

    private ExtractPlan plan(boolean accepts) throws Exception {
      PlanRules rules = new PlanRules("t", "raw.t", "p", startsFromLatest, accepts, accepts);
      TreeMap<Integer, TopicFacts.Bounds> partitions = new TreeMap<>();
      for (int i = 0; i < bounds.size(); i++) {
        partitions.put(i, new TopicFacts.Bounds(bounds.get(i)[0], bounds.get(i)[1]));
      }
      Optional<TopicFacts> facts = Optional.of(new TopicFacts("t", "T" + topic, partitions));
      long max = 1 + random.nextInt(50);
      ExtractPlan plan = ExtractPlanner.next(rules, position, facts, null, max);
      if (plan instanceof ExtractPlan.Move move) {
        account(move);
        position = move.to();
      } else if (plan instanceof ExtractPlan.Read read) {
        assertTrue(read.length() <= max && read.length() > 0);
        read.ranges().forEach(range -> account("read", range));
        checkEnds(read);
        position = read.end();
      } else if (plan instanceof ExtractPlan.Stop stop) {
        assertTrue(!accepts, stop.message());
      }
      return plan;
    }

    /** The position moves exactly as far as was read. */
    private void checkEnds(ExtractPlan.Read read) {
      Map<Integer, Long> ends = new HashMap<>(read.end().open().orElseThrow().offsets());
      for (OffsetRange range : read.ranges()) {
        assertEquals(range.to(), ends.remove(range.partition()));
      }
      ends.forEach(
          (partition, end) ->
              assertEquals(
                  position.open().map(open -> open.next(partition).orElse(0)).orElse(0L).longValue(), end.longValue()));
    }

    private void account(ExtractPlan.Move move) throws Exception {
      String loss = move.notes().get("elt.accepted-loss");
      if (loss != null) {
        for (JsonNode lost : new ObjectMapper().readTree(loss)) {
          assertEquals("T" + topic, lost.get("topicId").asText());
          account(
              "lost",
              new OffsetRange(
                  lost.get("partition").asInt(),
                  Long.parseLong(lost.get("from").asText()),
                  Long.parseLong(lost.get("to").asText())));
        }
      } else {
        move.to()
            .open()
            .orElseThrow()
            .offsets()
            .forEach((partition, offset) -> account("before the start", new OffsetRange(partition, 0, offset)));
      }
    }

    private void account(String how, OffsetRange range) {
      for (long offset = range.from(); offset < range.to(); offset++) {
        long[] kept = bounds.get(range.partition());
        boolean isKept = offset >= kept[0] && offset < kept[1];
        boolean isFree = how.equals("before the start") && startsFromLatest;
        assertTrue(isFree || isKept == how.equals("read"), () -> how + ": " + range);
        String before = accounts.put(key(range.partition(), offset), how);
        assertEquals(null, before, "twice: " + key(range.partition(), offset));
      }
    }

    private String key(int partition, long offset) {
      return topic + "/" + partition + "/" + offset;
    }
  }
}
