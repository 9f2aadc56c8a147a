package elt.ledger;

import elt.driver.OutageException;
import elt.driver.Outages;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;

/**
 * One attempt to add an entry to the ledger, together with the change of the rows that it stands for.
 *
 * @param entry what to add; its snapshot id is not known yet
 * @param notes more summary keys
 * @param expectation what the ledger must be like for the commit to be allowed
 * @param change the change of the rows, begun on the table it is given
 */
record FencedCommit(
    LedgerEntry entry,
    Map<String, String> notes,
    Predicate<Ledger> expectation,
    Function<Table, SnapshotUpdate<?>> change) {

  /** What is known after the attempt. */
  sealed interface Attempt {
    /** It is in the table. */
    record Done(LedgerEntry entry) implements Attempt {}

    /** The fence refused it: it is not in the table and never will be. */
    record Refused() implements Attempt {}

    /** It may be in the table, or may still get there. */
    record Unknown(RuntimeException failure) implements Attempt {
      /**
       * What to throw when it is not there: an outage, after which it may be tried again, or the failure itself when trying
       * again would only repeat it.
       */
      RuntimeException orOutage() {
        boolean isCatalogsOwnDoubt = !(failure.getCause() instanceof MirroringOperations.Cut);
        return isCatalogsOwnDoubt || Outages.isOutage(failure)
            ? new OutageException("lakehouse-unreachable", "The outcome of a commit is unknown: " + failure.getMessage(), failure)
            : failure;
      }
    }
  }

  /**
   * Tries once (Iceberg repeats lost races by itself). Any exception means: certainly not committed, and what was written
   * for it may be used again.
   *
   * @throws LedgerException when the ledger cannot be trusted
   */
  Attempt attempt(TableOperations operations, String table) {
    MirroringOperations mirroring = new MirroringOperations(operations, table, entry);
    Fence fence = new Fence(table, mirroring, expectation);
    try {
      SnapshotUpdate<?> update = change.apply(new BaseTable(mirroring, table));
      LedgerCodec.summary(entry).forEach(update::set);
      notes.forEach(update::set);
      update.validateWith(fence);
      update.commit();
    } catch (RuntimeException failure) {
      if (mirroring.committed().isEmpty()) {
        if (mirroring.isOutcomeUnknown()) {
          return new Attempt.Unknown(failure);
        }
        if (fence.hasRefused()) {
          return new Attempt.Refused();
        }
        throw failure;
      }
    }
    return new Attempt.Done(mirroring.committed().orElseThrow());
  }
}
