package elt.extract;

import java.io.Serializable;

/**
 * Offsets of one Kafka partition to be read: {@code from} is the first one, {@code to} the one after
 * the last ("next to read", as everywhere in Kafka).
 */
public record OffsetRange(int partition, long from, long to) implements Serializable {
  public OffsetRange {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException(
          "Offset range of partition " + partition + " runs backwards: from " + from + " to " + to);
    }
  }

  /** Number of offsets, which is the number of records unless the topic has gaps. */
  public long length() {
    return to - from;
  }

  /** For people: {@code partition 3: offsets 100 to 199 (100)}. */
  public String describe() {
    return length() == 0
        ? "partition " + partition + ": none"
        : "partition " + partition + ": offsets " + from + " to " + (to - 1) + " (" + length() + ")";
  }
}
