package elt.transform;

import elt.driver.Abandonment;
import elt.driver.CommitEvent;
import elt.driver.DriverContext;
import elt.driver.Failpoint;
import elt.driver.Failpoints;
import elt.driver.Mode;
import elt.driver.TransformSpec;
import elt.ledger.Batch;
import elt.ledger.LedgerEntry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.catalog.Catalog;
import org.apache.spark.sql.SparkSession;

/**
 * One step of TRANSFORM: look what RAW has more than SILVER, compute a batch of it, commit rejects, commit
 * SILVER. Safe to repeat after an outage.
 */
final class TransformStep implements AutoCloseable {
  /** What the step says about the next one. */
  enum Next {
    /** There is more to do now. */
    AT_ONCE,
    /** Committed all there was. */
    COMMITTED_ALL,
    /** There was nothing to read. */
    CAUGHT_UP,
    /** Stop was asked for; the batch in hand was given up, its files are gone. */
    ABANDONED,
    /** Another run owns the tables. */
    FENCED
  }

  private final DriverContext<TransformSpec> context;
  private final TransformSpec spec;
  private final SparkSession spark;
  private final Catalog catalog;
  private final PipelineSql sql;
  private final SilverLedgers ledgers;
  private final Abandonment abandonment;
  private final ComputeAhead ahead = new ComputeAhead();
  private BatchWriter writer;
  private RawReader reader;
  private RawBacklog backlog;
  private Long until;

  TransformStep(
      DriverContext<TransformSpec> context,
      SparkSession spark,
      Catalog catalog,
      PipelineSql sql,
      SilverLedgers ledgers) {
    this.context = context;
    this.spec = context.spec();
    this.spark = spark;
    this.catalog = catalog;
    this.sql = sql;
    this.ledgers = ledgers;
    this.abandonment = new Abandonment(context.stop());
  }

  Next run() throws InterruptedException {
    RawBacklog planned = backlog == null ? look() : backlog;
    // Whatever ends the step early makes the next one look again.
    backlog = null;
    if (planned.isEmpty()) {
      if (spec.mode() == Mode.FOLLOW) {
        context.events().idle(0);
      }
      return Next.CAUGHT_UP;
    }
    if (!ledgers.isClaimed()) {
      if (!claim()) {
        return Next.FENCED;
      }
      if (!Objects.equals(planned.after(), ledgers.entry().ingestedAt())) {
        return Next.AT_ONCE;
      }
    }
    BatchRange range = planned.next(spec.maxRowsPerCommit());
    RawBacklog left = planned.after(range);
    Next next = transform(range, left);
    if (next != Next.COMMITTED_ALL) {
      return next;
    }
    backlog = left.isEmpty() ? null : left;
    return left.isEmpty() ? Next.COMMITTED_ALL : Next.AT_ONCE;
  }

  /** Throws away what was computed ahead; nothing of it can be committed afterwards. */
  @Override
  public void close() {
    ahead.drop();
  }

  /** A drain run ends at the clock that RAW had at its start. */
  private RawBacklog look() {
    // Computed ahead of a batch that was not committed.
    ahead.drop();
    RawSnapshot raw = RawSnapshot.pin(catalog, spec.from());
    if (until == null && spec.mode() == Mode.DRAIN) {
      until = raw.clock();
    }
    reader = new RawReader(spark, raw.table());
    return raw.backlog(ledgers.position().orElse(null), until);
  }

  private boolean claim() {
    if (!ledgers.claim()) {
      return false;
    }
    LedgerEntry entry = ledgers.entry();
    Failpoints.reach(Failpoint.CLAIM_DONE);
    context.events().claimed(spec.table(), entry.snapshotId(), entry.position());
    return true;
  }

  private Next transform(BatchRange range, RawBacklog left) throws InterruptedException {
    long startedNanos = System.nanoTime();
    if (writer == null) {
      writer = new BatchWriter(spark, spec, sql, ledgers.silverTable(), ledgers.rejectsTable());
    }
    BatchWriter.Writing taken = ahead.takeFor(range);
    try (BatchWriter.Writing writing =
        taken == null ? writer.start(reader, range, Batch.newCommitId()) : taken) {
      if (!left.isEmpty() && !context.stop().isRequested()) {
        // Its tasks wait for cores: none is idle while the last files of this batch are uploaded.
        ahead.start(writer, reader, left.next(spec.maxRowsPerCommit()));
      }
      Optional<BatchTask.Written> written = writing.await(abandonment::isDue);
      return written.isEmpty() ? Next.ABANDONED : commit(range, writing.batchId(), written.get(), startedNanos);
    }
  }

  private Next commit(BatchRange range, String batchId, BatchTask.Written written, long startedNanos) {
    long writtenNanos = System.nanoTime();
    return new OrderedCommits(writer, written)
        .run(
            () -> ledgers.commitRejects(batch(range, batchId, written.rejects())),
            () -> ledgers.commitSilver(batch(range, batchId, written.silver())),
            entry ->
                context.events().commit(event(spec, entry, written, range.lag(), startedNanos, writtenNanos)));
  }

  private static Batch batch(BatchRange range, String batchId, List<DataFile> files) {
    return new Batch(
        batchId, files, range.position(), range.upTo(), BatchWriter.rows(files), Map.of(), Map.of());
  }

  /** A commit to SILVER as the control plane hears of it. */
  static CommitEvent event(
      TransformSpec spec,
      LedgerEntry entry,
      BatchTask.Written written,
      long lag,
      long startedNanos,
      long writtenNanos) {
    return new CommitEvent(
        spec.table(),
        entry.commitId(),
        entry.snapshotId(),
        entry.rows(),
        BatchWriter.rows(written.rejects()),
        entry.start(),
        entry.position(),
        entry.startIngestedAt(),
        entry.ingestedAt(),
        lag,
        (writtenNanos - startedNanos) / 1_000_000,
        (System.nanoTime() - writtenNanos) / 1_000_000,
        written.bytes());
  }
}
