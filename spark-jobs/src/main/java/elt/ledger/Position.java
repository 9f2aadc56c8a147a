package elt.ledger;

import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  }

  /** Reads canonical or hand-written JSON. */
  public static Position parse(String json) {
    throw new UnsupportedOperationException("next commit");
  }

  /** Canonical JSON: {@code [{"topicId":"…","offsets":{"0":"123"},"closed":false}]}, partitions ascending, offsets as strings. */
  public String json() {
    throw new UnsupportedOperationException("next commit");
  }

  /** True when nothing was read yet. */
  public boolean isEmpty() {
    return generations.isEmpty();
  }

  /** The generation being read; empty when nothing was read yet. */
  public Optional<Generation> open() {
    throw new UnsupportedOperationException("next commit");
  }

  /** The open generation moved to {@code offsets}; partitions not named stay. Offsets never go back. */
  public Position advance(Map<Integer, Long> offsets) {
    throw new UnsupportedOperationException("next commit");
  }

  /** A new open generation; the one open before is closed. */
  public Position startGeneration(String topicId, Map<Integer, Long> offsets) {
    throw new UnsupportedOperationException("next commit");
  }
}
