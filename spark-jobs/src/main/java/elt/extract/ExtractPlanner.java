package elt.extract;

import elt.ledger.Generation;
import elt.ledger.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Compares the table's position with the topic and says what to do next. Pure.
 *
 * <p>A partition that the open generation does not name is read from offset 0; any other start is put
 * into the ledger first ({@link ExtractPlan.Move}). So offsets between two positions are rows or
 * counted gaps, always.
 */
public final class ExtractPlanner {
  private final PlanRules rules;
  private final Position position;
  private final TopicFacts facts;

  private ExtractPlanner(PlanRules rules, Position position, TopicFacts facts) {
    this.rules = rules;
    this.position = position;
    this.facts = facts;
  }

  /**
   * The next step.
   *
   * @param facts empty when there is no such topic
   * @param until read no further than these offsets (a drain run's goal); null: as far as there is
   * @param maxRows most offsets in one batch
   */
  public static ExtractPlan next(
      PlanRules rules,
      Position position,
      Optional<TopicFacts> facts,
      Map<Integer, Long> until,
      long maxRows) {
    if (facts.isEmpty()) {
      return PlanStops.topicMissing(rules, position);
    }
    return new ExtractPlanner(rules, position, facts.get()).next(until, maxRows);
  }

  private ExtractPlan next(Map<Integer, Long> until, long maxRows) {
    Optional<Generation> open = position.open();
    if (open.isEmpty() && position.isEmpty()) {
      return firstRun(until, maxRows);
    }
    if (open.isEmpty() || !open.get().topicId().equals(facts.topicId())) {
      return otherTopic();
    }
    SortedMap<Integer, Long> next = nextOffsets(open.get());
    List<Integer> gone = new ArrayList<>(open.get().offsets().keySet());
    gone.removeAll(facts.partitions().keySet());
    if (!gone.isEmpty()) {
      return PlanStops.fewerPartitions(rules, open.get(), facts, gone);
    }
    List<OffsetRange> lost = lost(next);
    if (!lost.isEmpty()) {
      return rules.acceptsLoss() ? acceptLoss(lost) : PlanStops.retentionOvertook(rules, lost);
    }
    List<OffsetRange> cut = ahead(next);
    if (!cut.isEmpty()) {
      return PlanStops.topicTruncated(rules, cut);
    }
    return read(next, until, maxRows);
  }

  private ExtractPlan firstRun(Map<Integer, Long> until, long maxRows) {
    if (rules.startsFromLatest()) {
      return opened(facts.ends(), Map.of(RawNotes.STARTED_FROM, "latest"));
    }
    SortedMap<Integer, Long> earliest = earliest();
    ExtractPlan plan = read(earliest, until, maxRows);
    boolean isImplied = earliest.values().stream().allMatch(offset -> offset == 0);
    return plan instanceof ExtractPlan.Read && !isImplied
        ? opened(earliest, Map.of(RawNotes.STARTED_FROM, "earliest"))
        : plan;
  }

  private ExtractPlan otherTopic() {
    Generation last = position.generations().get(position.generations().size() - 1);
    if (!rules.acceptsNewTopic()) {
      return PlanStops.topicRecreated(rules, last, facts);
    }
    Map<String, String> notes =
        Map.of(RawNotes.ACCEPTED_NEW_TOPIC, RawNotes.newTopic(last.topicId(), facts.topicId()));
    // Back at a topic read before (another cluster in between): its old offsets still hold.
    Optional<Generation> known =
        position.generations().stream()
            .filter(generation -> generation.topicId().equals(facts.topicId()))
            .findFirst();
    return known.isPresent() ? reopened(known.get(), notes) : opened(earliest(), notes);
  }

  private ExtractPlan.Move opened(Map<Integer, Long> offsets, Map<String, String> notes) {
    return move(position.startGeneration(facts.topicId(), offsets), notes);
  }

  private ExtractPlan.Move reopened(Generation known, Map<String, String> notes) {
    List<Generation> generations = new ArrayList<>();
    for (Generation generation : position.generations()) {
      if (!generation.equals(known)) {
        generations.add(new Generation(generation.topicId(), generation.offsets(), true));
      }
    }
    generations.add(new Generation(known.topicId(), known.offsets(), false));
    return move(new Position(generations), notes);
  }

  private ExtractPlan.Move acceptLoss(List<OffsetRange> lost) {
    Map<Integer, Long> moved =
        lost.stream().collect(Collectors.toMap(OffsetRange::partition, OffsetRange::to));
    return move(
        position.advance(moved),
        Map.of(RawNotes.ACCEPTED_LOSS, RawNotes.ranges(facts.topicId(), lost)));
  }

  private ExtractPlan.Move move(Position to, Map<String, String> notes) {
    SortedMap<Integer, Long> next = nextOffsets(to.open().orElseThrow());
    long lag = 0;
    for (Map.Entry<Integer, TopicFacts.Bounds> partition : facts.partitions().entrySet()) {
      lag += Math.max(0, partition.getValue().end() - next.get(partition.getKey()));
    }
    return new ExtractPlan.Move(to, notes, lag);
  }

  private ExtractPlan read(
      SortedMap<Integer, Long> next, Map<Integer, Long> until, long maxRows) {
    SortedMap<Integer, Long> backlog = new TreeMap<>();
    long whole = 0;
    for (Map.Entry<Integer, Long> entry : next.entrySet()) {
      long end = facts.partitions().get(entry.getKey()).end();
      // A partition added after a drain run's start is none of its business.
      long goal = until == null ? end : Math.min(end, until.getOrDefault(entry.getKey(), 0L));
      backlog.put(entry.getKey(), Math.max(0, goal - entry.getValue()));
      whole += end - entry.getValue();
    }
    List<OffsetRange> ranges = new ArrayList<>();
    SortedMap<Integer, Long> ends = new TreeMap<>(next);
    for (Map.Entry<Integer, Long> share : RangeSplit.share(backlog, maxRows).entrySet()) {
      if (share.getValue() > 0) {
        int partition = share.getKey();
        long from = next.get(partition);
        long to = from + share.getValue();
        ranges.add(new OffsetRange(partition, from, to));
        ends.put(partition, to);
        whole -= share.getValue();
      }
    }
    return ranges.isEmpty()
        ? new ExtractPlan.CaughtUp(whole)
        : new ExtractPlan.Read(facts.topicId(), ranges, end(ends), whole);
  }

  private Position end(SortedMap<Integer, Long> ends) {
    return position.isEmpty()
        ? position.startGeneration(facts.topicId(), ends)
        : position.advance(ends);
  }

  private SortedMap<Integer, Long> nextOffsets(Generation open) {
    SortedMap<Integer, Long> next = new TreeMap<>();
    for (int partition : facts.partitions().keySet()) {
      next.put(partition, open.next(partition).orElse(0));
    }
    return next;
  }

  private SortedMap<Integer, Long> earliest() {
    SortedMap<Integer, Long> earliest = new TreeMap<>();
    facts.partitions().forEach((partition, bounds) -> earliest.put(partition, bounds.earliest()));
    return earliest;
  }

  private List<OffsetRange> lost(SortedMap<Integer, Long> next) {
    List<OffsetRange> lost = new ArrayList<>();
    facts
        .partitions()
        .forEach(
            (partition, bounds) -> {
              if (next.get(partition) < bounds.earliest()) {
                lost.add(new OffsetRange(partition, next.get(partition), bounds.earliest()));
              }
            });
    return lost;
  }

  private List<OffsetRange> ahead(SortedMap<Integer, Long> next) {
    List<OffsetRange> ahead = new ArrayList<>();
    facts
        .partitions()
        .forEach(
            (partition, bounds) -> {
              if (next.get(partition) > bounds.end()) {
                ahead.add(new OffsetRange(partition, bounds.end(), next.get(partition)));
              }
            });
    return ahead;
  }
}
