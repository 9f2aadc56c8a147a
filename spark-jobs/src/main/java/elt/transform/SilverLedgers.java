package elt.transform;

import elt.driver.DriverException;
import elt.driver.Micros;
import elt.driver.Outages;
import elt.driver.TransformSpec;
import elt.ledger.Batch;
import elt.ledger.CommitOutcome;
import elt.ledger.CommitOutcome.Committed;
import elt.ledger.CommitOutcome.Discarded;
import elt.ledger.CommitOutcome.Fenced;
import elt.ledger.LakehouseTable;
import elt.ledger.LedgerEntry;
import elt.ledger.LedgeredAppend;
import elt.ledger.TableDeclaration;
import elt.ledger.Writer;
import java.util.Optional;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;

/**
 * SILVER and its rejects as a run sees them: nothing is created or claimed before there is something to
 * write. Rejects go first and SILVER last, and SILVER's position is the truth of both: rejects ahead of it
 * are what a run left behind that ended in between, and are taken back.
 */
final class SilverLedgers {
  private final Catalog catalog;
  private final TransformSpec spec;
  private final SqlColumns columns;
  private final Writer writer;
  private final Outages outages;
  private Side silver;
  private Side rejects;

  SilverLedgers(Catalog catalog, TransformSpec spec, SqlColumns columns, Outages outages) {
    this.catalog = catalog;
    this.spec = spec;
    this.columns = columns;
    this.writer = new Writer(spec.runId(), spec.pipeline(), spec.stage(), spec.claim());
    this.outages = outages;
  }

  /** One of the two tables; {@code claimed} is its newest entry as this run made it. */
  private record Side(Table table, LedgeredAppend append, LedgerEntry claimed) {
    Side at(LedgerEntry entry) {
      return new Side(table, append, entry);
    }
  }

  /** Whether the run owns both tables and rejects are not ahead. */
  boolean isClaimed() {
    return silver != null && silver.claimed() != null;
  }

  /** SILVER's newest entry; empty when it has none or is not there yet. */
  Optional<LedgerEntry> position() {
    if (isClaimed()) {
      return Optional.of(silver.claimed());
    }
    return LakehouseTable.find(catalog, spec.table())
        .flatMap(table -> new LedgeredAppend(table, writer, outages).newest());
  }

  /**
   * Becomes the only writer of both tables, which are created when missing, and takes back rejects that
   * are ahead.
   *
   * @return false when another run has claimed them meanwhile
   * @throws DriverException {@code schema-mismatch} and others that forbid writing
   */
  boolean claim() {
    rejects = claimed(open(spec.rejectsTable(), SilverTables.rejects(writer.owner())));
    Side claimedSilver = claimed(open(spec.table(), SilverTables.silver(columns, writer.owner())));
    new RefreshMark(claimedSilver.table(), rejects.table()).expectNotHalfDone();
    if (!alignRejects(claimedSilver.claimed())) {
      return false;
    }
    silver = claimedSilver;
    return true;
  }

  /** As {@link #claim}, whatever the two hold: all of it will be replaced. */
  void claimToReplace() {
    rejects = claimed(open(spec.rejectsTable(), SilverTables.rejects(writer.owner())));
    silver = claimed(open(spec.table(), SilverTables.silver(columns, writer.owner())));
  }

  private Side open(String name, TableDeclaration declaration) {
    Table table = LakehouseTable.open(catalog, name, declaration);
    return new Side(table, new LedgeredAppend(table, writer, outages), null);
  }

  private static Side claimed(Side side) {
    return side.at(side.append().claim());
  }

  /** SILVER's newest entry; the tables must be claimed. */
  LedgerEntry entry() {
    return silver.claimed();
  }

  Table silverTable() {
    return silver.table();
  }

  Table rejectsTable() {
    return rejects.table();
  }

  /** Commits to the rejects. An exception leaves the outcome open. */
  CommitOutcome commitRejects(Batch batch) {
    CommitOutcome outcome = rejects.append().commit(rejects.claimed(), batch);
    newest(outcome).ifPresent(entry -> rejects = rejects.at(entry));
    return outcome;
  }

  /** Commits to SILVER. When that was discarded the rejects have been taken back. An exception leaves the outcome open. */
  CommitOutcome commitSilver(Batch batch) {
    CommitOutcome outcome = silver.append().commit(silver.claimed(), batch);
    newest(outcome).ifPresent(entry -> silver = silver.at(entry));
    if (outcome instanceof Discarded discarded && !alignRejects(discarded.newest())) {
      return new Fenced(rejects.claimed(), false);
    }
    return outcome;
  }

  /** Replaces all rejects. An exception leaves the outcome open. */
  CommitOutcome replaceRejects(Batch batch) {
    CommitOutcome outcome = rejects.append().replace(rejects.claimed(), batch);
    newest(outcome).ifPresent(entry -> rejects = rejects.at(entry));
    return outcome;
  }

  /** Replaces all of SILVER. An exception leaves the outcome open. */
  CommitOutcome replaceSilver(Batch batch) {
    CommitOutcome outcome = silver.append().replace(silver.claimed(), batch);
    newest(outcome).ifPresent(entry -> silver = silver.at(entry));
    return outcome;
  }

  private static Optional<LedgerEntry> newest(CommitOutcome outcome) {
    if (outcome instanceof Committed committed) {
      return Optional.of(committed.entry());
    }
    return outcome instanceof Discarded discarded ? Optional.of(discarded.newest()) : Optional.empty();
  }

  /** False when another run has claimed the rejects. */
  private boolean alignRejects(LedgerEntry truth) {
    int ahead = compare(rejects.claimed().ingestedAt(), truth.ingestedAt());
    if (ahead < 0) {
      throw rejectsBehind(truth);
    }
    if (ahead == 0) {
      return true;
    }
    CommitOutcome outcome =
        rejects.append().rollbackAheadTo(rejects.claimed(), truth, SilverTables.RAW_INGESTED_AT);
    newest(outcome).ifPresent(entry -> rejects = rejects.at(entry));
    return outcome instanceof Committed;
  }

  private static int compare(Long left, Long right) {
    return Long.compare(left == null ? Long.MIN_VALUE : left, right == null ? Long.MIN_VALUE : right);
  }

  private DriverException rejectsBehind(LedgerEntry truth) {
    Long reached = rejects.claimed().ingestedAt();
    return new DriverException(
        "ledger-rolled-back",
        ("%s has reached %s, but its rejects %s only %s: rejects were rolled back, or dropped, and rows are missing there."
                + " Nothing was written. To rebuild both from RAW: elt run transform --full-refresh")
            .formatted(
                spec.table(),
                Micros.iso(truth.ingestedAt()),
                spec.rejectsTable(),
                reached == null ? "no clock at all" : Micros.iso(reached)));
  }

  /** Notes how the run ended; nothing to note when it never claimed the tables. */
  void release(String state) {
    if (rejects != null) {
      rejects.append().release(state);
    }
    if (isClaimed()) {
      silver.append().release(state);
    }
  }
}
