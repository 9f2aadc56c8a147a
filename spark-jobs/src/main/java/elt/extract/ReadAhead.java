package elt.extract;

import elt.ledger.Batch;
import elt.ledger.CommitClock;
import elt.ledger.LedgerEntry;
import elt.ledger.Position;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the next batch while the one in hand is committed: a commit waits for the catalog most of its time. What is read
 * ahead is a guess until that commit is done. It is used only if the table and the topic are then as it was planned for,
 * and thrown away otherwise. Not safe for several threads.
 */
final class ReadAhead {
  private BatchReader.Reading reading;
  private Position from;

  /**
   * Starts to read what follows a batch that is being read, or about to be committed, if anything does.
   *
   * @param inHand that batch
   * @param until where a drain run ends; null for one that follows
   */
  void start(
      BatchReader reader,
      PlanRules rules,
      BatchReader.Reading inHand,
      TopicFacts facts,
      Map<Integer, Long> until,
      BatchSize size) {
    Position end = inHand.plan().end();
    ExtractPlan next = ExtractPlanner.next(rules, end, Optional.of(facts), until, size.rows());
    if (next instanceof ExtractPlan.Read plan) {
      from = end;
      reading = reader.start(plan, Batch.newCommitId(), CommitClock.next(inHand.ingestedAt()), size);
    }
  }

  /** Whether something is read ahead, or has been. */
  boolean isReading() {
    return reading != null;
  }

  /**
   * What was read ahead, or null; nothing is left here afterwards.
   *
   * @param plan what there is to read now
   * @param newest the table's newest ledger entry
   */
  BatchReader.Reading takeFor(ExtractPlan.Read plan, LedgerEntry newest) {
    BatchReader.Reading taken = reading;
    boolean isUsable =
        taken != null
            && from.equals(newest.position())
            && taken.plan().topicId().equals(plan.topicId())
            && taken.ingestedAt() > newest.ingestedAt();
    if (!isUsable) {
      drop();
      return null;
    }
    reading = null;
    return taken;
  }

  /** Throws away what was read ahead, files included. */
  void drop() {
    if (reading != null) {
      BatchReader.Reading dropped = reading;
      reading = null;
      dropped.abandon();
    }
  }
}
