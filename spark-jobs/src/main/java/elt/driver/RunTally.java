package elt.driver;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What a run has done so far, summed up from its commits. Guarded by {@link Events}. */
final class RunTally {
  /** A follow run commits for weeks: the end event names the newest snapshots only. */
  static final int MAX_SNAPSHOT_IDS = 1000;

  private final Deque<String> snapshotIds = new ArrayDeque<>();
  private long rows;
  private long rejects;
  private Object startPosition;
  private Object endPosition;

  void add(CommitEvent commit) {
    rows += commit.rows();
    rejects += commit.rejects();
    if (startPosition == null) {
      startPosition = commit.startPosition();
    }
    endPosition = commit.endPosition();
    snapshotIds.addLast(Long.toString(commit.snapshotId()));
    if (snapshotIds.size() > MAX_SNAPSHOT_IDS) {
      snapshotIds.removeFirst();
    }
  }

  long rows() {
    return rows;
  }

  long rejects() {
    return rejects;
  }

  /** Null before the first commit. */
  Object startPosition() {
    return startPosition;
  }

  /** Null before the first commit. */
  Object endPosition() {
    return endPosition;
  }

  List<String> snapshotIds() {
    return List.copyOf(snapshotIds);
  }
}
