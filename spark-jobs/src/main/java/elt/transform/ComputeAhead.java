package elt.transform;

import elt.ledger.Batch;

/**
 * Computes the next batch while the one in hand ends: its last files are uploaded, then it is committed, and executors wait most of
 * that time. What is computed ahead is used if the batch in hand was committed, and thrown away otherwise. Not safe for several
 * threads.
 */
final class ComputeAhead {
  private BatchWriter.Writing ahead;

  /** Starts to compute a batch. */
  void start(BatchWriter writer, RawReader raw, BatchRange range) {
    ahead = writer.start(raw, range, Batch.newCommitId());
  }

  /** What was computed ahead of this batch, or null; nothing is left here afterwards. */
  BatchWriter.Writing takeFor(BatchRange range) {
    if (ahead == null || !ahead.range().equals(range)) {
      drop();
      return null;
    }
    BatchWriter.Writing taken = ahead;
    ahead = null;
    return taken;
  }

  /** Throws away what was computed ahead, files included. */
  void drop() {
    if (ahead != null) {
      BatchWriter.Writing dropped = ahead;
      ahead = null;
      dropped.close();
    }
  }
}
