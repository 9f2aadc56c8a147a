package elt.extract;

import elt.ledger.Generation;
import elt.ledger.Position;
import java.util.List;
import java.util.stream.Collectors;

/** The words of each stop: what, which value, what was expected, what to run next. */
final class PlanStops {
  private PlanStops() {}

  static ExtractPlan.Stop topicMissing(PlanRules rules, Position position) {
    String held =
        position
            .open()
            .map(open -> ", though %s holds rows of it (topic id %s)".formatted(rules.table(), open.topicId()))
            .orElse("");
    return new ExtractPlan.Stop(
        "topic-missing",
        "Kafka has no topic \"%s\"%s. Nothing was read. Create the topic or correct its name in elt.yaml, then: %s"
            .formatted(rules.topic(), held, command(rules, "")),
        true);
  }

  static ExtractPlan.Stop topicRecreated(PlanRules rules, Generation held, TopicFacts facts) {
    return new ExtractPlan.Stop(
        "topic-recreated",
        ("Topic \"%s\" was deleted and created again (topic id %s in %s, now %s). Nothing was read."
                + " To accept the new topic: %s")
            .formatted(
                rules.topic(),
                held.topicId(),
                rules.table(),
                facts.topicId(),
                command(rules, " --accept-new-topic")),
        false);
  }

  static ExtractPlan.Stop fewerPartitions(
      PlanRules rules, Generation open, TopicFacts facts, List<Integer> gone) {
    return new ExtractPlan.Stop(
        "fewer-partitions",
        ("Topic \"%s\" has %d partitions, but %s has read from %d: %s missing. Nothing was read. Kafka never"
                + " removes partitions from a topic, so check that kafka.bootstrapServers is the right cluster,"
                + " then: %s")
            .formatted(
                rules.topic(),
                facts.partitions().size(),
                rules.table(),
                open.offsets().size(),
                gone.stream().map(String::valueOf).collect(Collectors.joining(", ")),
                command(rules, "")),
        true);
  }

  static ExtractPlan.Stop retentionOvertook(PlanRules rules, List<OffsetRange> lost) {
    return new ExtractPlan.Stop(
        "retention-overtook",
        ("Kafka has removed records of topic \"%s\" that %s has not read (%s). Nothing was read."
                + " To go on without them, noted in the table: %s")
            .formatted(
                rules.topic(), rules.table(), describe(lost), command(rules, " --accept-loss")),
        false);
  }

  static ExtractPlan.Stop topicTruncated(PlanRules rules, List<OffsetRange> cut) {
    return new ExtractPlan.Stop(
        "topic-truncated",
        ("Topic \"%s\" ends before the position of %s: the brokers have lost records that were read before (%s)."
                + " Nothing was read, because new records would get the same offsets again. If the brokers come"
                + " back with these records: %s; if not, create the topic anew and use --accept-new-topic")
            .formatted(rules.topic(), rules.table(), describe(cut), command(rules, "")),
        true);
  }

  private static String describe(List<OffsetRange> ranges) {
    return ranges.stream().map(OffsetRange::describe).collect(Collectors.joining("; "));
  }

  private static String command(PlanRules rules, String flags) {
    return "elt run extract " + rules.pipeline() + flags;
  }
}
