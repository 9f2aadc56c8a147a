package elt.transform;

import elt.driver.Failpoint;
import elt.driver.Failpoints;
import elt.ledger.CommitOutcome;
import elt.ledger.CommitOutcome.Committed;
import elt.ledger.CommitOutcome.Fenced;
import elt.ledger.LedgerEntry;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Commits rejects first and SILVER last, and removes the files of a commit that was refused. */
final class OrderedCommits {
  private final BatchWriter writer;
  private final BatchTask.Written written;

  OrderedCommits(BatchWriter writer, BatchTask.Written written) {
    this.writer = writer;
    this.written = written;
  }

  /**
   * Does both.
   *
   * @param report hears of SILVER's commit
   * @return COMMITTED_ALL, FENCED, or AT_ONCE when it must be computed and written again
   */
  TransformStep.Next run(
      Supplier<CommitOutcome> toRejects, Supplier<CommitOutcome> toSilver, Consumer<LedgerEntry> report) {
    Failpoints.reach(Failpoint.FILES_WRITTEN);
    CommitOutcome rejected = toRejects.get();
    if (!(rejected instanceof Committed)) {
      writer.deleteSilver(written);
      if (mayDelete(rejected)) {
        writer.deleteRejects(written);
      }
      return refused(rejected);
    }
    CommitOutcome outcome = toSilver.get();
    if (outcome instanceof Committed committed) {
      Failpoints.reach(Failpoint.COMMIT_DONE);
      report.accept(committed.entry());
      return TransformStep.Next.COMMITTED_ALL;
    }
    if (mayDelete(outcome)) {
      writer.deleteSilver(written);
    }
    return refused(outcome);
  }

  private static boolean mayDelete(CommitOutcome outcome) {
    return outcome instanceof Fenced fenced && fenced.mayDeleteFiles();
  }

  private static TransformStep.Next refused(CommitOutcome outcome) {
    return outcome instanceof Fenced ? TransformStep.Next.FENCED : TransformStep.Next.AT_ONCE;
  }
}
