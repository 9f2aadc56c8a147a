package elt.extract;

import elt.ledger.Position;
import java.util.List;
import java.util.Map;

/** What EXTRACT does next, decided by {@link ExtractPlanner} from the table's position and the topic's facts. */
public sealed interface ExtractPlan {
  /**
   * Read these ranges and commit them.
   *
   * @param end the table's position after the commit
   * @param lag offsets that remain to be read after this batch
   */
  record Read(String topicId, List<OffsetRange> ranges, Position end, long lag)
      implements ExtractPlan {
    /** Offsets in all ranges. */
    public long length() {
      return ranges.stream().mapToLong(OffsetRange::length).sum();
    }
  }

  /**
   * Move the position without reading, by a ledger entry without rows: reading starts only where the
   * ledger says so, and whatever is skipped is on record.
   *
   * @param notes summary keys that say why
   * @param lag offsets to be read from there
   */
  record Move(Position to, Map<String, String> notes, long lag) implements ExtractPlan {}

  /** Nothing to read. {@code lag} is 0 unless the run only had to reach earlier end offsets. */
  record CaughtUp(long lag) implements ExtractPlan {}

  /**
   * Reading on would lose or mix up records; a person decides.
   *
   * @param mayPass true when a broker that has just started, or a new leader, may say so for a moment
   */
  record Stop(String code, String message, boolean mayPass) implements ExtractPlan {}
}
