package elt.transform;

import elt.driver.Abandonment;
import elt.driver.DriverContext;
import elt.driver.DriverException;
import elt.driver.Failpoint;
import elt.driver.Failpoints;
import elt.driver.Outages;
import elt.driver.TransformSpec;
import elt.ledger.Batch;
import elt.ledger.LedgerEntry;
import java.util.Optional;
import org.apache.iceberg.catalog.Catalog;
import org.apache.spark.sql.SparkSession;

/** A full refresh: claim both tables, compute all of RAW, replace rejects, replace SILVER. Safe to repeat after an outage. */
final class RefreshStep {
  private final DriverContext<TransformSpec> context;
  private final TransformSpec spec;
  private final SparkSession spark;
  private final Catalog catalog;
  private final PipelineSql sql;
  private final SilverLedgers ledgers;
  private final Outages outages;

  RefreshStep(
      DriverContext<TransformSpec> context,
      SparkSession spark,
      Catalog catalog,
      PipelineSql sql,
      SilverLedgers ledgers,
      Outages outages) {
    this.context = context;
    this.spec = context.spec();
    this.spark = spark;
    this.catalog = catalog;
    this.sql = sql;
    this.ledgers = ledgers;
    this.outages = outages;
  }

  /** COMMITTED_ALL, ABANDONED, FENCED, or AT_ONCE when it must be done again. */
  TransformStep.Next run() {
    long startedNanos = System.nanoTime();
    RawSnapshot raw = RawSnapshot.pin(catalog, spec.from());
    RawBacklog all = raw.backlog(null, null);
    if (all.isEmpty()) {
      throw new DriverException(
          "raw-missing",
          "Table %s has no rows to rebuild %s from. Nothing was written".formatted(spec.from(), spec.table()));
    }
    ledgers.claimToReplace();
    LedgerEntry entry = ledgers.entry();
    Failpoints.reach(Failpoint.CLAIM_DONE);
    context.events().claimed(spec.table(), entry.snapshotId(), entry.position());
    BatchWriter writer = new BatchWriter(spark, spec, sql, ledgers.silverTable(), ledgers.rejectsTable());
    FullRefresh refresh = new FullRefresh(writer, new RawReader(spark, raw.table()), outages, context.stop());
    Abandonment abandonment = new Abandonment(context.stop());
    Optional<BatchRange> last = refresh.write(all, spec.maxRowsPerCommit(), abandonment::isDue);
    return last.isEmpty() ? TransformStep.Next.ABANDONED : commit(writer, refresh.written(), last.get(), startedNanos);
  }

  private TransformStep.Next commit(
      BatchWriter writer, BatchTask.Written written, BatchRange last, long startedNanos) {
    long writtenNanos = System.nanoTime();
    String refreshId = Batch.newCommitId();
    RefreshMark mark = new RefreshMark(ledgers.silverTable(), ledgers.rejectsTable());
    mark.begin(refreshId);
    TransformStep.Next next =
        new OrderedCommits(writer, written)
            .run(
                () -> ledgers.replaceRejects(FullRefresh.batch(refreshId, last, written.rejects())),
                () -> ledgers.replaceSilver(FullRefresh.batch(refreshId, last, written.silver())),
                entry ->
                    context
                        .events()
                        .commit(TransformStep.event(spec, entry, written, last.lag(), startedNanos, writtenNanos)));
    if (next == TransformStep.Next.COMMITTED_ALL) {
      mark.end();
    }
    return next;
  }
}
