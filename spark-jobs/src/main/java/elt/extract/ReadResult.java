package elt.extract;

import java.io.Serializable;
import java.util.Map;

/** How reading the ranges of one task ended. Outcomes to be expected are values, not exceptions. */
public sealed interface ReadResult extends Serializable {
  /**
   * Everything up to the ends was read.
   *
   * @param missing per partition the offsets that hold no record (compacted, aborted, control)
   * @param firstMissing for people: the first missing range, null when there is none
   */
  record Complete(Map<Integer, Long> missing, OffsetRange firstMissing) implements ReadResult {}

  /** The broker no longer (or not yet) has the offset to be read. */
  record OutOfRange(String message) implements ReadResult {}

  /** No progress for too long: the broker is down, or the partition has no leader. */
  record Stalled(String message) implements ReadResult {}

  /** The broker refuses these credentials. */
  record Refused(String message) implements ReadResult {}
}
