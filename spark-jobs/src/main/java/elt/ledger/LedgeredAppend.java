package elt.ledger;

import elt.driver.Outages;
import java.util.Optional;
import org.apache.iceberg.Table;

/**
 * The one place where data becomes permanent: appends to one Iceberg table that move its position in the same atomic
 * commit, and are refused when another run has claimed the table since.
 *
 * <p>An exception from any method leaves the outcome open: never delete or reuse the files of that batch.
 */
public final class LedgeredAppend {
  /** Appends of {@code writer} to {@code table}, waiting out short outages only. */
  public LedgeredAppend(Table table, Writer writer) {
    this(table, writer, null);
  }

  /** Appends of {@code writer} to {@code table}; outages of the lakehouse are waited out by {@code outages}. */
  public LedgeredAppend(Table table, Writer writer, Outages outages) {}

  /**
   * The newest ledger entry, fresh from the catalog; empty for a table that was never written.
   *
   * @throws LedgerException when the table was rolled back, replaced, filled by others or belongs to another pipeline
   */
  public Optional<LedgerEntry> newest() {
    throw new UnsupportedOperationException("next commit");
  }

  /** Becomes the table's only writer by an empty commit that keeps the position. */
  public LedgerEntry claim() {
    throw new UnsupportedOperationException("next commit");
  }

  /** Appends the batch if the table is still ours at {@code expected}. */
  public CommitOutcome commit(LedgerEntry expected, Batch batch) {
    throw new UnsupportedOperationException("next commit");
  }

  /** As {@link #commit}, but the batch replaces all rows of the table (full refresh). */
  public CommitOutcome replace(LedgerEntry expected, Batch batch) {
    throw new UnsupportedOperationException("next commit");
  }

  /**
   * Takes back what is ahead of {@code truth}: removes the rows whose {@code clockColumn} is later than its clock and moves the
   * ledger back to its position, in one commit. For rejects found ahead of SILVER.
   */
  public CommitOutcome rollbackAheadTo(LedgerEntry expected, LedgerEntry truth, String clockColumn) {
    throw new UnsupportedOperationException("next commit");
  }

  /** Notes how the run ended in table property {@code elt.released}; does nothing when the table is not ours any more. */
  public void release(String state) {
    throw new UnsupportedOperationException("next commit");
  }
}
