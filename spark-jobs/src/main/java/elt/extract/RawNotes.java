package elt.extract;

import java.util.List;
import java.util.stream.Collectors;

/** Summary keys of RAW's ledger entries that move the position without reading, and their values (JSON). */
final class RawNotes {
  /** {@code earliest} or {@code latest}: where the first run started; the position has the offsets. */
  static final String STARTED_FROM = "elt.started-from";

  /** {@code {"from":TOPIC_ID,"to":TOPIC_ID}} */
  static final String ACCEPTED_NEW_TOPIC = "elt.accepted-new-topic";

  /** {@code [{"topicId":…,"partition":0,"from":"100","to":"500"}]}: offsets never read, {@code to} exclusive. */
  static final String ACCEPTED_LOSS = "elt.accepted-loss";

  private RawNotes() {}

  static String newTopic(String from, String to) {
    return "{\"from\":\"%s\",\"to\":\"%s\"}".formatted(from, to);
  }

  static String ranges(String topicId, List<OffsetRange> ranges) {
    return ranges.stream()
        .map(
            range ->
                "{\"topicId\":\"%s\",\"partition\":%d,\"from\":\"%d\",\"to\":\"%d\"}"
                    .formatted(topicId, range.partition(), range.from(), range.to()))
        .collect(Collectors.joining(",", "[", "]"));
  }
}
