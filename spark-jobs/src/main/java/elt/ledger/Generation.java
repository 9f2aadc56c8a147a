package elt.ledger;

import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One life of a topic: a topic deleted and created again has a new id, and its offsets start over.
 *
 * @param offsets the next offset to read, per partition, ascending
 * @param closed true when the topic was deleted and another generation followed
 */
public record Generation(String topicId, SortedMap<Integer, Long> offsets, boolean closed) {
  /** Copies the offsets. */
  public Generation {
    offsets = Collections.unmodifiableSortedMap(new TreeMap<>(offsets));
  }

  /** An open generation. */
  public Generation(String topicId, Map<Integer, Long> offsets) {
    this(topicId, new TreeMap<>(offsets), false);
  }

  /** The next offset to read of {@code partition}; empty when the partition has never been read. */
  public OptionalLong next(int partition) {
    Long next = offsets.get(partition);
    return next == null ? OptionalLong.empty() : OptionalLong.of(next);
  }
}
