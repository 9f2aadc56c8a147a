package elt.driver;

/**
 * One commit, as the control plane hears of it.
 *
 * @param rows rows added to the table (TRANSFORM: SILVER rows)
 * @param rejects rows added to the rejects; 0 for EXTRACT
 * @param startPosition position before the commit, an {@code elt.ledger.Position} (anything Jackson writes as JSON)
 * @param endPosition position after the commit
 * @param startIngestedAt commit clock before, in micros; null before the first rows
 * @param ingestedAt commit clock after, in micros
 * @param lag rows not yet read
 * @param bytes size of the data files that the commit added
 */
public record CommitEvent(
    String table,
    String commitId,
    long snapshotId,
    long rows,
    long rejects,
    Object startPosition,
    Object endPosition,
    Long startIngestedAt,
    Long ingestedAt,
    long lag,
    long writeMs,
    long commitMs,
    long bytes) {

  /** A commit that added no file. */
  public CommitEvent(
      String table,
      String commitId,
      long snapshotId,
      long rows,
      long rejects,
      Object startPosition,
      Object endPosition,
      Long startIngestedAt,
      Long ingestedAt,
      long lag,
      long writeMs,
      long commitMs) {
    this(
        table, commitId, snapshotId, rows, rejects, startPosition, endPosition, startIngestedAt, ingestedAt, lag, writeMs,
        commitMs, 0);
  }
}
