package elt.extract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.ledger.Generation;
import elt.ledger.Position;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ExtractPlannerTest {
  private static final PlanRules RULES = new PlanRules("numbers", "raw.numbers", "n", false, false, false);
  private static final PlanRules LATEST = new PlanRules("numbers", "raw.numbers", "n", true, false, false);
  private static final PlanRules ACCEPTS_TOPIC = new PlanRules("numbers", "raw.numbers", "n", false, true, false);
  private static final PlanRules ACCEPTS_LOSS = new PlanRules("numbers", "raw.numbers", "n", false, false, true);

  @Test
  void theFirstRunReadsFromTheBeginning() {
    var read = read(plan(RULES, Position.EMPTY, facts("A", 0, 10, 0, 0)));
    assertEquals(List.of(new OffsetRange(0, 0, 10)), read.ranges());
    assertEquals(at("A", Map.of(0, 10L, 1, 0L)), read.end());
    assertEquals(0, read.lag());
  }

  @Test
  void aBeginningThatIsNotOffset0IsPutOnRecordFirst() {
    var move = move(plan(RULES, Position.EMPTY, facts("A", 7, 10, 0, 5)));
    assertEquals(at("A", Map.of(0, 7L, 1, 0L)), move.to());
    assertEquals(Map.of("elt.started-from", "earliest"), move.notes());
    assertEquals(
        List.of(new OffsetRange(0, 7, 10), new OffsetRange(1, 0, 5)),
        read(plan(RULES, move.to(), facts("A", 7, 10, 0, 5))).ranges());
  }

  @Test
  void anEmptyTopicLeavesNoTrace() {
    assertEquals(new ExtractPlan.CaughtUp(0), plan(RULES, Position.EMPTY, facts("A", 0, 0)));
    assertEquals(new ExtractPlan.CaughtUp(0), plan(RULES, Position.EMPTY, facts("A", 9, 9)));
  }

  @Test
  void startingFromLatestIsPutOnRecordEvenWhenThereIsNothingToRead() {
    var move = move(plan(LATEST, Position.EMPTY, facts("A", 0, 10)));
    assertEquals(at("A", Map.of(0, 10L)), move.to());
    assertEquals(Map.of("elt.started-from", "latest"), move.notes());
    assertEquals(new ExtractPlan.CaughtUp(0), plan(LATEST, move.to(), facts("A", 0, 10)));
    assertEquals(List.of(new OffsetRange(0, 10, 12)), read(plan(LATEST, move.to(), facts("A", 0, 12))).ranges());
  }

  @Test
  void laterRunsGoOnFromThePositionAndReadNewPartitionsFromTheirStart() {
    var read = read(plan(RULES, at("A", Map.of(0, 4L)), facts("A", 0, 10, 0, 3)));
    assertEquals(List.of(new OffsetRange(0, 4, 10), new OffsetRange(1, 0, 3)), read.ranges());
    assertEquals(at("A", Map.of(0, 10L, 1, 3L)), read.end());
  }

  @Test
  void aBatchIsNoLargerThanAllowedAndSaysWhatRemains() {
    var read = read(ExtractPlanner.next(RULES, at("A", Map.of(0, 4L)), facts("A", 0, 100, 0, 3), null, 20));
    assertEquals(List.of(new OffsetRange(0, 4, 21), new OffsetRange(1, 0, 3)), read.ranges());
    assertEquals(79, read.lag());
  }

  @Test
  void aDrainRunReadsUpToItsGoalAndNoPartitionThatCameLater() {
    Map<Integer, Long> until = Map.of(0, 8L);
    var read = read(ExtractPlanner.next(RULES, at("A", Map.of(0, 4L)), facts("A", 0, 100, 0, 3), until, 1_000));
    assertEquals(List.of(new OffsetRange(0, 4, 8)), read.ranges());
    assertEquals(
        new ExtractPlan.CaughtUp(95), ExtractPlanner.next(RULES, read.end(), facts("A", 0, 100, 0, 3), until, 1_000));
  }

  @Test
  void aMissingTopicStops() {
    var stop = stop("topic-missing", ExtractPlanner.next(RULES, Position.EMPTY, Optional.empty(), null, 10));
    assertTrue(stop.mayPass());
    assertTrue(stop.message().contains("\"numbers\""), stop.message());
    stop("topic-missing", ExtractPlanner.next(ACCEPTS_TOPIC, at("A", Map.of(0, 1L)), Optional.empty(), null, 10));
  }

  @Test
  void aTopicCreatedAnewStopsUnlessAccepted() {
    Position position = at("A", Map.of(0, 500L, 1, 7L));
    var stop = stop("topic-recreated", plan(ACCEPTS_LOSS, position, facts("B", 3, 900)));
    assertFalse(stop.mayPass());
    assertEquals(
        "Topic \"numbers\" was deleted and created again (topic id A in raw.numbers, now B). Nothing was read."
            + " To accept the new topic: elt run extract n --accept-new-topic",
        stop.message());

    var move = move(plan(ACCEPTS_TOPIC, position, facts("B", 3, 900)));
    assertEquals(
        List.of(
            new Generation("A", new TreeMap<>(Map.of(0, 500L, 1, 7L)), true), new Generation("B", Map.of(0, 3L))),
        move.to().generations());
    assertEquals(Map.of("elt.accepted-new-topic", "{\"from\":\"A\",\"to\":\"B\"}"), move.notes());
    assertEquals(List.of(new OffsetRange(0, 3, 900)), read(plan(RULES, move.to(), facts("B", 3, 900))).ranges());
  }

  @Test
  void aTopicReadBeforeGoesOnWhereItWas() {
    Position position = at("A", Map.of(0, 500L)).startGeneration("B", Map.of(0, 9L));
    var move = move(plan(ACCEPTS_TOPIC, position, facts("A", 0, 600)));
    assertEquals(
        List.of(new Generation("B", new TreeMap<>(Map.of(0, 9L)), true), new Generation("A", Map.of(0, 500L))),
        move.to().generations());
    assertEquals(List.of(new OffsetRange(0, 500, 600)), read(plan(RULES, move.to(), facts("A", 0, 600))).ranges());
  }

  @Test
  void lossStopsWithTheExactRangePerPartitionUnlessAccepted() {
    Position position = at("A", Map.of(0, 100L, 1, 50L, 2, 9L));
    Optional<TopicFacts> facts = facts("A", 500, 900, 50, 60, 10, 10);
    var stop = stop("retention-overtook", plan(ACCEPTS_TOPIC, position, facts));
    assertTrue(
        stop.message().contains("(partition 0: offsets 100 to 499 (400); partition 2: offsets 9 to 9 (1))"),
        stop.message());

    var move = move(plan(ACCEPTS_LOSS, position, facts));
    assertEquals(at("A", Map.of(0, 500L, 1, 50L, 2, 10L)), move.to());
    assertEquals(
        Map.of(
            "elt.accepted-loss",
            "[{\"topicId\":\"A\",\"partition\":0,\"from\":\"100\",\"to\":\"500\"},"
                + "{\"topicId\":\"A\",\"partition\":2,\"from\":\"9\",\"to\":\"10\"}]"),
        move.notes());
  }

  @Test
  void aNewPartitionThatHasLostItsStartIsALoss() {
    var stop = stop("retention-overtook", plan(RULES, at("A", Map.of(0, 5L)), facts("A", 0, 5, 20, 30)));
    assertTrue(stop.message().contains("partition 1: offsets 0 to 19 (20)"), stop.message());
  }

  @Test
  void acceptanceIsForWhatTheUserSaw() {
    stop("retention-overtook", plan(ACCEPTS_LOSS.acceptingNothing(), at("A", Map.of(0, 5L)), facts("A", 6, 9)));
    stop("topic-recreated", plan(ACCEPTS_TOPIC.acceptingNothing(), at("A", Map.of(0, 5L)), facts("B", 0, 9)));
  }

  @Test
  void fewerPartitionsStop() {
    var stop = stop("fewer-partitions", plan(ACCEPTS_LOSS, at("A", Map.of(0, 5L, 1, 0L)), facts("A", 0, 9)));
    assertTrue(stop.message().contains("has 1 partitions, but raw.numbers has read from 2: 1 missing"), stop.message());
  }

  @Test
  void aTopicThatEndsBeforeThePositionStops() {
    var stop = stop("topic-truncated", plan(ACCEPTS_LOSS, at("A", Map.of(0, 50L)), facts("A", 0, 40)));
    assertTrue(stop.mayPass());
    assertTrue(stop.message().contains("partition 0: offsets 40 to 49 (10)"), stop.message());
  }

  /** {@code bounds}: earliest and end of each partition from 0 on. */
  static Optional<TopicFacts> facts(String topicId, long... bounds) {
    TreeMap<Integer, TopicFacts.Bounds> partitions = new TreeMap<>();
    for (int i = 0; i < bounds.length; i += 2) {
      partitions.put(i / 2, new TopicFacts.Bounds(bounds[i], bounds[i + 1]));
    }
    return Optional.of(new TopicFacts("numbers", topicId, partitions));
  }

  private static ExtractPlan plan(PlanRules rules, Position position, Optional<TopicFacts> facts) {
    return ExtractPlanner.next(rules, position, facts, null, 1_000_000);
  }

  private static Position at(String topicId, Map<Integer, Long> offsets) {
    return new Position(List.of(new Generation(topicId, offsets)));
  }

  private static ExtractPlan.Read read(ExtractPlan plan) {
    return assertInstanceOf(ExtractPlan.Read.class, plan);
  }

  private static ExtractPlan.Move move(ExtractPlan plan) {
    return assertInstanceOf(ExtractPlan.Move.class, plan);
  }

  private static ExtractPlan.Stop stop(String code, ExtractPlan plan) {
    ExtractPlan.Stop stop = assertInstanceOf(ExtractPlan.Stop.class, plan);
    assertEquals(code, stop.code());
    return stop;
  }
}
