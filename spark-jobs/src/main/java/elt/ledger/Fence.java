package elt.ledger;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.apache.iceberg.TableOperations;

/**
 * Refuses a commit when the ledger is not as expected. Iceberg asks it in every attempt, with the very metadata that the
 * attempt would replace, so the answer holds for the commit.
 */
final class Fence implements SnapshotAncestryValidator {
  private final String table;
  private final TableOperations operations;
  private final Predicate<Ledger> expectation;
  private boolean hasRefused;

  Fence(String table, TableOperations operations, Predicate<Ledger> expectation) {
    this.table = table;
    this.operations = operations;
    this.expectation = expectation;
  }

  /** The newest entry has the same claim, position and clock as {@code expected}. */
  static Predicate<Ledger> newestIs(Optional<LedgerEntry> expected) {
    return ledger -> isAt(expected, ledger.newest());
  }

  static boolean isAt(Optional<LedgerEntry> expected, Optional<LedgerEntry> newest) {
    if (expected.isEmpty() || newest.isEmpty()) {
      return expected.isEmpty() && newest.isEmpty();
    }
    return expected.get().writer().claim().equals(newest.get().writer().claim())
        && expected.get().position().equals(newest.get().position())
        && Objects.equals(expected.get().ingestedAt(), newest.get().ingestedAt());
  }

  /** The current snapshot is {@code snapshotId}, null for none, whatever the ledger says. */
  static Predicate<Ledger> currentSnapshotIs(Long snapshotId) {
    return ledger -> Objects.equals(snapshotId, ledger.currentSnapshotId().orElse(null));
  }

  /**
   * The ancestors end at the first that has expired and know nothing of the table's properties: those come from the
   * operations, which have just been refreshed for this attempt.
   *
   * @throws LedgerException when the ledger cannot be trusted any more
   */
  @Override
  public boolean validate(Iterable<Snapshot> ancestors) {
    hasRefused = !expectation.test(Ledger.of(table, ancestors, operations.current().properties()));
    return !hasRefused;
  }

  @Override
  public String errorMessage() {
    return "the table was claimed or moved by another run";
  }

  boolean hasRefused() {
    return hasRefused;
  }
}
