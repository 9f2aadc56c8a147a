package elt.maintain;

import elt.ledger.Ledger;
import elt.ledger.LedgerEntry;
import elt.maintain.Retention.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/** What {@link Retention} wants to know of a table as it was when last refreshed. */
final class TableHistory {
  private final Table table;
  private final List<Snapshot> newestFirst = new ArrayList<>();
  private final Map<Long, LedgerEntry> entries;
  private final Map<Long, Long> replacedAt = new HashMap<>();

  TableHistory(Table table) {
    this.table = table;
    if (table.currentSnapshot() != null) {
      SnapshotUtil.ancestorsOf(table.currentSnapshot().snapshotId(), table::snapshot).forEach(newestFirst::add);
    }
    entries = Ledger.of(table).entries().collect(Collectors.toMap(LedgerEntry::snapshotId, entry -> entry));
    for (int i = 1; i < newestFirst.size(); i++) {
      replaced(newestFirst.get(i).snapshotId(), newestFirst.get(i - 1).timestampMillis());
    }
    HistoryEntry before = null;
    for (HistoryEntry entry : table.history()) {
      if (before != null) {
        replaced(before.snapshotId(), entry.timestampMillis());
      }
      before = entry;
    }
  }

  private void replaced(long snapshotId, long atMs) {
    replacedAt.merge(snapshotId, atMs, Math::max);
  }

  /** The current snapshot and its ancestors, newest first. */
  List<Version> history() {
    Map<Long, Long> clocks = clocks();
    return newestFirst.stream().map(snapshot -> version(snapshot, clocks.get(snapshot.snapshotId()))).toList();
  }

  /** The others. */
  List<Version> aside() {
    Set<Long> ancestors = newestFirst.stream().map(Snapshot::snapshotId).collect(Collectors.toSet());
    List<Version> aside = new ArrayList<>();
    for (Snapshot snapshot : table.snapshots()) {
      if (!ancestors.contains(snapshot.snapshotId())) {
        aside.add(version(snapshot, null));
      }
    }
    return aside;
  }

  /** The snapshot of the newest ledger entry; null when there is none left. */
  Long newestEntry() {
    return newestFirst.stream().map(Snapshot::snapshotId).filter(entries::containsKey).findFirst().orElse(null);
  }

  /** Heads of tags and of branches other than main, and what lies between those and main. */
  Set<Long> referenced() {
    Set<Long> main = newestFirst.stream().map(Snapshot::snapshotId).collect(Collectors.toSet());
    Set<Long> referenced = new HashSet<>();
    table
        .refs()
        .forEach(
            (name, ref) -> {
              referenced.add(ref.snapshotId());
              if (ref.isBranch() && !name.equals(SnapshotRef.MAIN_BRANCH)) {
                for (Snapshot one : SnapshotUtil.ancestorsOf(ref.snapshotId(), table::snapshot)) {
                  referenced.add(one.snapshotId());
                  if (main.contains(one.snapshotId())) {
                    break;
                  }
                }
              }
            });
    return referenced;
  }

  private Version version(Snapshot snapshot, Long clock) {
    return new Version(
        snapshot.snapshotId(),
        snapshot.sequenceNumber(),
        snapshot.timestampMillis(),
        replacedAt.getOrDefault(snapshot.snapshotId(), snapshot.timestampMillis()),
        clock);
  }

  /** The clock that RAW had reached with each snapshot, foreign ones included; nothing where no entry tells. */
  private Map<Long, Long> clocks() {
    Map<Long, Long> clocks = new HashMap<>();
    Long clock = null;
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      long id = newestFirst.get(i).snapshotId();
      LedgerEntry entry = entries.get(id);
      if (entry != null) {
        if (clock == null) {
          // Foreign commits before the first entry that is left had the clock from which it went on.
          backfill(clocks, i, orBeginning(entry.startIngestedAt()));
        }
        clock = orBeginning(entry.ingestedAt());
      }
      clocks.put(id, clock);
    }
    return clocks;
  }

  private void backfill(Map<Long, Long> clocks, int newest, long clock) {
    newestFirst.subList(newest + 1, newestFirst.size()).forEach(one -> clocks.put(one.snapshotId(), clock));
  }

  private static long orBeginning(Long clock) {
    return clock == null ? Long.MIN_VALUE : clock;
  }
}
