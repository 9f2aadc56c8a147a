package elt.extract;

import elt.driver.DriverException;
import elt.driver.ExtractSpec;
import elt.driver.OutageException;
import elt.driver.Outages;
import elt.ledger.Batch;
import elt.ledger.CommitClock;
import elt.ledger.CommitOutcome;
import elt.ledger.LakehouseTable;
import elt.ledger.LedgerEntry;
import elt.ledger.LedgeredAppend;
import elt.ledger.Position;
import elt.ledger.Writer;
import java.util.concurrent.Callable;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;

/**
 * RAW as a run sees it: nothing is created or claimed before there is something to write. All methods
 * throw {@link OutageException} when the lakehouse is down and may then be called again.
 */
final class RawLedger {
  private final Catalog catalog;
  private final ExtractSpec spec;
  private final Writer writer;
  private final Outages outages;
  private Table table;
  private LedgeredAppend append;
  private Position position;
  private LedgerEntry claimed;

  RawLedger(Catalog catalog, ExtractSpec spec, Outages outages) {
    this.catalog = catalog;
    this.spec = spec;
    this.outages = outages;
    this.writer = new Writer(spec.runId(), spec.pipeline(), spec.stage(), spec.claim());
  }

  /** The position in the table; empty when there is no table yet. */
  Position position() {
    return guarded(
        () -> {
          if (position == null) {
            if (table == null && LakehouseTable.find(catalog, spec.table()).isPresent()) {
              open();
            }
            position = table == null ? Position.EMPTY : append.newest().map(LedgerEntry::position).orElse(Position.EMPTY);
          }
          return position;
        });
  }

  /** Becomes the table's only writer, unless it is; creates the table, unless there is one. True when the run owns it only now. */
  boolean claim() {
    return guarded(
        () -> {
          if (claimed != null) {
            return false;
          }
          if (table == null) {
            open();
          }
          moveTo(append.claim());
          return true;
        });
  }

  /** The newest entry; the table must be claimed. */
  LedgerEntry entry() {
    return claimed;
  }

  /** The commit clock of the next batch, in micros. */
  long nextClock() {
    return CommitClock.next(claimed.ingestedAt());
  }

  /** Commits. An exception leaves the outcome open. */
  CommitOutcome commit(Batch batch) {
    CommitOutcome outcome = append.commit(claimed, batch);
    if (outcome instanceof CommitOutcome.Committed committed) {
      moveTo(committed.entry());
    } else if (outcome instanceof CommitOutcome.Discarded discarded) {
      moveTo(discarded.newest());
    }
    return outcome;
  }

  /** Notes how the run ended; nothing to note when it never claimed the table. */
  void release(String state) {
    if (claimed != null) {
      append.release(state);
    }
  }

  Table table() {
    return table;
  }

  private void open() {
    table = LakehouseTable.open(catalog, spec.table(), RawTable.declaration(writer.owner()));
    append = new LedgeredAppend(table, writer, outages);
  }

  private void moveTo(LedgerEntry entry) {
    claimed = entry;
    position = entry.position();
  }

  private static <T> T guarded(Callable<T> action) {
    try {
      return action.call();
    } catch (DriverException e) {
      throw e;
    } catch (Exception e) {
      if (Outages.isOutage(e)) {
        throw new OutageException("lakehouse-unreachable", "The lakehouse does not answer: " + e.getMessage(), e);
      }
      throw e instanceof RuntimeException unexpected ? unexpected : new IllegalStateException(e);
    }
  }
}
