package elt.ledger;

import java.util.Map;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;

/**
 * What the ledger looks at in a snapshot.
 *
 * @param parentId null for the first snapshot of a table
 */
record Ancestor(long snapshotId, Long parentId, long sequenceNumber, Map<String, String> summary) {
  static Ancestor of(Snapshot snapshot) {
    Map<String, String> summary = snapshot.summary();
    return new Ancestor(
        snapshot.snapshotId(), snapshot.parentId(), snapshot.sequenceNumber(), summary == null ? Map.of() : summary);
  }

  boolean carriesPosition() {
    return summary.containsKey(LedgerKeys.POSITION);
  }

  /** Rows of the table at this snapshot; null when the engine that wrote it did not say. */
  Long totalRecords() {
    String total = summary.get(SnapshotSummary.TOTAL_RECORDS_PROP);
    return total == null ? null : Long.valueOf(total);
  }
}
