package elt.ledger;

/** How a commit ended. It is always certain: unknown outcomes are resolved before. */
public sealed interface CommitOutcome {
  /** The batch is in the table. */
  record Committed(LedgerEntry entry) implements CommitOutcome {}

  /**
   * Refused: another run has claimed or moved the table. The batch is not in the table; end as fenced.
   *
   * @param mayDeleteFiles true when the refusal came at once: delete the batch's files. False when the outcome was unknown for
   *     a while: leave them alone
   */
  record Fenced(LedgerEntry newest, boolean mayDeleteFiles) implements CommitOutcome {}

  /**
   * The outcome was unknown for a while and is certain now: the batch is not in the table and never will be, and the
   * table is still ours at {@code newest}. Leave the files alone (they are orphans now), read and write the batch again with
   * new files and a new commit id.
   */
  record Discarded(LedgerEntry newest) implements CommitOutcome {}
}
