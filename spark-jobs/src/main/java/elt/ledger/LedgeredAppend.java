package elt.ledger;

import elt.driver.OutageException;
import elt.driver.Outages;
import elt.ledger.CommitOutcome.Committed;
import elt.ledger.CommitOutcome.Discarded;
import elt.ledger.CommitOutcome.Fenced;
import elt.ledger.FencedCommit.Attempt;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.relocated.com.google.common.util.concurrent.MoreExecutors;

/**
 * The one place where data becomes permanent: appends to one Iceberg table that move its position in the same atomic
 * commit, and are refused when another run has claimed the table since.
 *
 * <p>Outages of the lakehouse are waited out, and unknown outcomes are asked after until they are certain. An exception
 * from any method leaves the outcome open: never delete or reuse the files of that batch. Not safe for several threads.
 */
public final class LedgeredAppend {
  private static final String UNREACHABLE = "lakehouse-unreachable";

  private final Table table;
  private final TableOperations operations;
  private final String uuid;
  private final Writer writer;
  private final Outages outages;

  /** Appends of {@code writer} to {@code table} that wait out an outage for some seconds only. */
  public LedgeredAppend(Table table, Writer writer) {
    this(table, writer, Outages.brief());
  }

  /** Appends of {@code writer} to {@code table}; outages of the lakehouse are waited out by {@code outages}. */
  public LedgeredAppend(Table table, Writer writer, Outages outages) {
    if (!(table instanceof HasTableOperations withOperations)) {
      throw new IllegalArgumentException("Table " + table.name() + " cannot be committed to");
    }
    this.table = table;
    this.operations = withOperations.operations();
    this.uuid = operations.current().uuid();
    this.writer = writer;
    this.outages = outages;
  }

  /**
   * The newest ledger entry, fresh from the catalog; empty for a table that was never written.
   *
   * @throws LedgerException when the table was rolled back, replaced, filled by others or belongs to another pipeline
   */
  public Optional<LedgerEntry> newest() {
    Ledger ledger = fresh();
    requireOwner(ledger.properties().get(LedgerKeys.OWNER));
    Optional<LedgerEntry> newest = ledger.newest();
    newest.ifPresent(entry -> requireOwner(entry.writer().owner()));
    return newest;
  }

  /** Becomes the table's only writer by an empty commit that keeps the position. */
  public LedgerEntry claim() {
    while (true) {
      if (certain(() -> claimCommit(newest())) instanceof Attempt.Done done) {
        return done.entry();
      }
      // Refused: somebody was faster. The newest claim wins, so look again and be the newest.
    }
  }

  /**
   * Appends the batch if the table is still ours at {@code expected}.
   *
   * @param expected the entry that the last claim or commit of this writer returned
   */
  public CommitOutcome commit(LedgerEntry expected, Batch batch) {
    if (expected.ingestedAt() != null && batch.ingestedAt() <= expected.ingestedAt()) {
      throw new IllegalArgumentException(
          "The commit clock must go forward, from " + expected.ingestedAt() + " to " + batch.ingestedAt());
    }
    return write(
        expected,
        batch,
        target -> {
          AppendFiles append = newAppend(target);
          batch.files().forEach(append::appendFile);
          return append;
        });
  }

  /** As {@link #commit}, but the batch replaces all rows of the table (full refresh). */
  public CommitOutcome replace(LedgerEntry expected, Batch batch) {
    return write(
        expected,
        batch,
        target -> {
          OverwriteFiles overwrite = target.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
          batch.files().forEach(overwrite::addFile);
          return overwrite;
        });
  }

  /**
   * Takes back what is ahead of {@code truth}: removes the rows whose {@code clockColumn} is later than its clock and moves the
   * ledger back to its position, in one commit. For rejects found ahead of SILVER.
   *
   * @return {@link Committed} or {@link Fenced}
   */
  public CommitOutcome rollbackAheadTo(LedgerEntry expected, LedgerEntry truth, String clockColumn) {
    return new RollbackAhead(table, clockColumn, truth).run(expected, this);
  }

  /**
   * Claims the table at a position recomputed from its rows, whatever its ledger says.
   *
   * @param snapshotId the snapshot whose rows were counted, null for none
   * @return empty when the table has changed since: count again
   */
  Optional<LedgerEntry> recover(Long snapshotId, Position position, Long ingestedAt) {
    requireOwner(fresh().properties().get(LedgerKeys.OWNER));
    FencedCommit recovery =
        new FencedCommit(
            emptyEntry(position, ingestedAt),
            Map.of(LedgerKeys.RECOVERED_FROM, "rows"),
            Fence.currentSnapshotIs(snapshotId),
            LedgeredAppend::newAppend);
    return attempt(recovery) instanceof Attempt.Done done ? Optional.of(done.entry()) : Optional.empty();
  }

  /** Notes how the claim ended in table property {@code elt.released}; does nothing when the table is not ours any more. */
  public void release(String state) {
    String released = writer.claim() + ":" + state;
    lakehouse(
        () -> {
          TableMetadata base = operations.refresh();
          boolean isOurs = writer.claim().equals(base.properties().get(LedgerKeys.CLAIM));
          if (isOurs && !released.equals(base.properties().get(LedgerKeys.RELEASED))) {
            note(base, released);
          }
          return null;
        });
  }

  private void note(TableMetadata base, String released) {
    try {
      operations.commit(
          base, TableMetadata.buildFrom(base).setProperties(Map.of(LedgerKeys.RELEASED, released)).build());
    } catch (CommitStateUnknownException unknown) {
      throw new OutageException(UNREACHABLE, "The outcome of the release is unknown", unknown);
    }
  }

  private CommitOutcome write(LedgerEntry expected, Batch batch, Function<Table, SnapshotUpdate<?>> change) {
    LedgerEntry entry =
        new LedgerEntry(
            -1,
            writer,
            batch.commitId(),
            expected.position(),
            batch.position(),
            expected.ingestedAt(),
            batch.ingestedAt(),
            batch.rows(),
            batch.gaps());
    return write(expected, entry, batch.notes(), change);
  }

  CommitOutcome write(
      LedgerEntry expected, LedgerEntry entry, Map<String, String> notes, Function<Table, SnapshotUpdate<?>> change) {
    if (!expected.writer().claim().equals(writer.claim())) {
      throw new IllegalArgumentException(
          "Claim the table first: it is at a claim of " + expected.writer().claim() + ", not of " + writer.claim());
    }
    Predicate<Ledger> isOurs = Fence.newestIs(Optional.of(expected));
    Attempt attempt = attempt(new FencedCommit(entry, notes, isOurs, change));
    if (attempt instanceof Attempt.Unknown) {
      return afterUnknown(expected, entry.commitId());
    }
    return attempt instanceof Attempt.Done done ? new Committed(done.entry()) : new Fenced(newestOf(fresh(), expected), true);
  }

  /**
   * The commit is not there, but may still arrive. Another commit of ours makes it certain: from then on the catalog refuses
   * the late one, because the metadata that it builds on is not the current one any more.
   */
  private CommitOutcome afterUnknown(LedgerEntry expected, String commitId) {
    if (certain(() -> claimCommit(Optional.of(expected))) instanceof Attempt.Done barrier) {
      return new Discarded(barrier.entry());
    }
    Ledger ledger = fresh();
    return ledger
        .find(commitId)
        .<CommitOutcome>map(Committed::new)
        .orElseGet(() -> new Fenced(newestOf(ledger, expected), false));
  }

  Writer writer() {
    return writer;
  }

  private FencedCommit claimCommit(Optional<LedgerEntry> newest) {
    LedgerEntry claim =
        emptyEntry(
            newest.map(LedgerEntry::position).orElse(Position.EMPTY), newest.map(LedgerEntry::ingestedAt).orElse(null));
    return new FencedCommit(claim, Map.of(), Fence.newestIs(newest), LedgeredAppend::newAppend);
  }

  /** In the caller's thread: there is little to do, and Iceberg looks only every 10 ms whether a pool has done it. */
  private static AppendFiles newAppend(Table target) {
    return target.newAppend().scanManifestsWith(MoreExecutors.newDirectExecutorService());
  }

  private LedgerEntry emptyEntry(Position position, Long ingestedAt) {
    return new LedgerEntry(-1, writer, Batch.newCommitId(), position, position, ingestedAt, ingestedAt, 0, Map.of());
  }

  /** Tries until it is done or refused; for empty commits, which may be tried again under a new id. */
  private Attempt certain(Supplier<FencedCommit> commit) {
    return lakehouse(
        () -> {
          Attempt attempt = attempt(commit.get());
          if (attempt instanceof Attempt.Unknown unknown) {
            throw unknown.orOutage();
          }
          return attempt;
        });
  }

  /** One attempt; whatever it said, a commit that is in the table is done. */
  private Attempt attempt(FencedCommit commit) {
    Attempt attempt = lakehouse(() -> commit.attempt(operations, table.name()));
    if (attempt instanceof Attempt.Done) {
      return attempt;
    }
    return fresh().find(commit.entry().commitId()).<Attempt>map(Attempt.Done::new).orElse(attempt);
  }

  private Ledger fresh() {
    return lakehouse(
        () -> {
          TableMetadata metadata = operations.refresh();
          if (!uuid.equals(metadata.uuid())) {
            throw LedgerException.dropped(table.name(), null);
          }
          return Ledger.of(table.name(), metadata);
        });
  }

  private <T> T lakehouse(Callable<T> action) {
    try {
      return outages.settle(UNREACHABLE, action);
    } catch (NoSuchTableException dropped) {
      throw LedgerException.dropped(table.name(), dropped);
    } catch (IllegalStateException failure) {
      // Iceberg has no type of its own for a table that was dropped and created again.
      if (String.valueOf(failure.getMessage()).startsWith("Table UUID does not match")) {
        throw LedgerException.dropped(table.name(), failure);
      }
      throw failure;
    }
  }

  private LedgerEntry newestOf(Ledger ledger, LedgerEntry expected) {
    return ledger
        .newest()
        .orElseThrow(
            () -> LedgerException.replaced(
                table.name(), "commit " + expected.commitId() + " was its newest, now it has none"));
  }

  private void requireOwner(String owner) {
    if (owner != null && !Objects.equals(owner, writer.owner())) {
      throw LedgerException.ownedByOther(table.name(), owner, writer.owner());
    }
  }
}
