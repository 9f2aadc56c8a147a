package elt.ledger;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The next offsets to read, kept in the table ({@code elt.position}): the generations of the topic in order, all but
 * the last closed.
 */
public record Position(List<Generation> generations) {
  /** Nothing read yet. */
  public static final Position EMPTY = new Position(List.of());

  /** Copies the generations. */
  public Position {
    generations = List.copyOf(generations);
    for (int i = 0; i < generations.size() - 1; i++) {
      if (!generations.get(i).closed()) {
        throw new IllegalArgumentException(
            "Generation " + generations.get(i).topicId() + " is followed by another one, so it must be closed");
      }
    }
  }

  /**
   * Reads JSON as {@link #json()} writes it.
   *
   * @throws IllegalArgumentException when it is anything else
   */
  public static Position parse(String json) {
    return PositionJson.parse(json);
  }

  /** Canonical JSON: {@code [{"topicId":"…","offsets":{"0":"123"},"closed":false}]}, partitions ascending, offsets as strings. */
  @JsonValue
  @JsonRawValue
  public String json() {
    return PositionJson.write(this);
  }

  /** True when nothing was read yet. */
  public boolean isEmpty() {
    return generations.isEmpty();
  }

  /** The generation being read; empty when nothing was read yet. */
  public Optional<Generation> open() {
    return isEmpty() || last().closed() ? Optional.empty() : Optional.of(last());
  }

  /** The open generation moved to {@code offsets}; partitions not named stay. Offsets never go back. */
  public Position advance(Map<Integer, Long> offsets) {
    Generation open = open().orElseThrow(() -> new IllegalStateException("No generation is open in " + json()));
    SortedMap<Integer, Long> next = new TreeMap<>(open.offsets());
    offsets.forEach(
        (partition, offset) -> {
          Long before = next.put(partition, offset);
          if (before != null && offset < before) {
            throw new IllegalArgumentException(
                "Partition " + partition + " would go back from offset " + before + " to " + offset);
          }
        });
    return withLast(new Generation(open.topicId(), next, false));
  }

  /** A new open generation; the one open before is closed. */
  public Position startGeneration(String topicId, Map<Integer, Long> offsets) {
    List<Generation> started = new ArrayList<>(generations.size() + 1);
    generations.forEach(old -> started.add(new Generation(old.topicId(), old.offsets(), true)));
    started.add(new Generation(topicId, offsets));
    return new Position(started);
  }

  private Generation last() {
    return generations.get(generations.size() - 1);
  }

  private Position withLast(Generation generation) {
    List<Generation> changed = new ArrayList<>(generations);
    changed.set(changed.size() - 1, generation);
    return new Position(changed);
  }
}
