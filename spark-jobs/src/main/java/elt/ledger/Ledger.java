package elt.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * The ledger of a table at one moment, and the rules that say whether it can be trusted. Pure: it acts on nothing.
 *
 * <p>The newest ancestor that carries a position is the truth. Every ledger commit mirrors itself into the table
 * properties in the same atomic commit, and nothing else writes those, so the mirror must name the same commit; where it
 * does not, the table was rolled back. When all ledger commits have expired, the mirror is the truth, as long as what is
 * left of the history can descend from the mirrored commit.
 *
 * <p>Rows that others delete (retention, the right to be forgotten) are no rollback: while the history proves that it
 * descends from the mirrored commit, the number of rows is not looked at. Only when expiry has eaten that proof are fewer
 * rows than mirrored a reason to stop.
 *
 * @param table the table's name, for messages
 * @param ancestors the current snapshot and its ancestors, newest first, up to the first that has expired
 * @param properties the table's current properties
 */
public record Ledger(String table, List<Ancestor> ancestors, Map<String, String> properties) {
  /** Copies the collections. */
  public Ledger {
    ancestors = List.copyOf(ancestors);
    properties = Map.copyOf(properties);
  }

  /** The ledger of {@code table} as it was when last refreshed; for readers, which need no {@link LedgeredAppend}. */
  public static Ledger of(Table table) {
    if (!(table instanceof HasTableOperations withOperations)) {
      throw new IllegalArgumentException("Table " + table.name() + " gives no access to its current metadata");
    }
    return of(table.name(), withOperations.operations().current());
  }

  static Ledger of(String table, TableMetadata metadata) {
    Snapshot current = metadata.currentSnapshot();
    Iterable<Snapshot> ancestors =
        current == null ? List.of() : SnapshotUtil.ancestorsOf(current.snapshotId(), metadata::snapshot);
    return of(table, ancestors, metadata.properties());
  }

  static Ledger of(String table, Iterable<Snapshot> newestFirst, Map<String, String> properties) {
    List<Ancestor> ancestors = new ArrayList<>();
    newestFirst.forEach(snapshot -> ancestors.add(Ancestor.of(snapshot)));
    return new Ledger(table, ancestors, properties);
  }

  /**
   * The newest entry; empty for a table without rows that no run has written.
   *
   * @throws LedgerException {@code ledger-rolled-back}, {@code table-replaced}, {@code rows-without-position} or {@code
   *     ledger-unreadable}
   */
  public Optional<LedgerEntry> newest() {
    Optional<LedgerEntry> newest = entries().findFirst();
    if (!properties.containsKey(LedgerKeys.POSITION)) {
      if (newest.isEmpty()) {
        requireNoRows();
      }
      return newest;
    }
    LedgerEntry mirrored = mirrored();
    if (newest.isEmpty()) {
      requireDescentFrom(mirrored);
      return Optional.of(mirrored);
    }
    if (mirrored.commitId() != null && !mirrored.commitId().equals(newest.get().commitId())) {
      throw LedgerException.rolledBack(table, mirroredCommit(mirrored) + ", but its newest commit is " + commit(newest.get()));
    }
    return newest;
  }

  /** The entries still in the history, newest first. */
  public Stream<LedgerEntry> entries() {
    return ancestors.stream().filter(Ancestor::carriesPosition).map(this::entry);
  }

  /** The snapshot this ledger belongs to; empty for a table without snapshots. */
  public Optional<Long> currentSnapshotId() {
    return ancestors.stream().findFirst().map(Ancestor::snapshotId);
  }

  /** The entry of one commit, if it is in the history or was the newest ledger commit before expiry. */
  Optional<LedgerEntry> find(String commitId) {
    return entries()
        .filter(entry -> commitId.equals(entry.commitId()))
        .findFirst()
        .or(() -> commitId.equals(properties.get(LedgerKeys.COMMIT_ID)) ? Optional.of(mirrored()) : Optional.empty());
  }

  private void requireNoRows() {
    if (!ancestors.isEmpty() && !Objects.equals(ancestors.get(0).totalRecords(), 0L)) {
      Long rows = ancestors.get(0).totalRecords();
      throw LedgerException.withoutPosition(table, rows == null ? "an unknown number of" : rows.toString());
    }
  }

  /** No ledger commit is left in the history: it must at least be able to descend from the mirrored one. */
  private void requireDescentFrom(LedgerEntry mirrored) {
    if (ancestors.isEmpty()) {
      throw LedgerException.replaced(table, mirroredCommit(mirrored) + ", but it has no snapshot at all");
    }
    Ancestor oldest = ancestors.get(ancestors.size() - 1);
    if (Objects.equals(oldest.parentId(), mirrored.snapshotId())) {
      return;
    }
    String sequenceNumber = properties.get(LedgerKeys.SEQUENCE_NUMBER);
    if (sequenceNumber != null && oldest.sequenceNumber() < Long.parseLong(sequenceNumber)) {
      throw LedgerException.rolledBack(
          table, mirroredCommit(mirrored) + ", but its history leads past that to older snapshots");
    }
    if (oldest.parentId() == null) {
      throw LedgerException.replaced(table, mirroredCommit(mirrored) + ", but its history begins anew without it");
    }
    String mirroredRows = properties.get(LedgerKeys.TOTAL_RECORDS);
    Long rows = ancestors.get(0).totalRecords();
    if (mirroredRows != null && rows != null && rows < Long.parseLong(mirroredRows)) {
      throw LedgerException.rolledBack(
          table, mirroredCommit(mirrored) + " with " + mirroredRows + " rows, but it has " + rows
              + " and the snapshots between have expired (a rollback, or rows deleted by others)");
    }
  }

  private LedgerEntry entry(Ancestor ancestor) {
    try {
      return LedgerCodec.entry(ancestor.snapshotId(), ancestor.summary());
    } catch (RuntimeException e) {
      throw LedgerException.unreadable(table, "snapshot " + ancestor.snapshotId(), e);
    }
  }

  private LedgerEntry mirrored() {
    try {
      return LedgerCodec.mirrored(properties);
    } catch (RuntimeException e) {
      throw LedgerException.unreadable(table, "the table properties", e);
    }
  }

  private static String mirroredCommit(LedgerEntry mirrored) {
    return "its properties name commit " + commit(mirrored);
  }

  private static String commit(LedgerEntry entry) {
    return entry.commitId() + " at position " + entry.position().json();
  }
}
