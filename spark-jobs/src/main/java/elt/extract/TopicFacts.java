package elt.extract;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a broker says about a topic at one moment: its id and, per partition, the earliest offset still
 * kept and the end offset up to which a {@code read_committed} consumer may read.
 */
public record TopicFacts(String topic, String topicId, SortedMap<Integer, Bounds> partitions) {
  /** The offsets {@code [earliest, end)} of one partition. */
  public record Bounds(long earliest, long end) {}

  public TopicFacts {
    partitions = Collections.unmodifiableSortedMap(new TreeMap<>(partitions));
  }

  /** The end offsets per partition. */
  public SortedMap<Integer, Long> ends() {
    SortedMap<Integer, Long> ends = new TreeMap<>();
    for (Map.Entry<Integer, Bounds> entry : partitions.entrySet()) {
      ends.put(entry.getKey(), entry.getValue().end());
    }
    return ends;
  }
}
