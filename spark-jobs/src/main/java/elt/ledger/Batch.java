package elt.ledger;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;

/**
 * Files ready to be committed and how far they move the table.
 *
 * @param commitId fresh for each batch, see {@link #newCommitId()}
 * @param position position after the batch
 * @param ingestedAt commit clock after the batch, in micros
 * @param gaps offset span minus rows, per partition
 * @param notes more summary keys, for example {@code elt.accepted-loss}
 */
public record Batch(
    String commitId,
    List<DataFile> files,
    Position position,
    long ingestedAt,
    long rows,
    Map<String, Long> gaps,
    Map<String, String> notes) {
  /** Copies the collections. */
  public Batch {
    files = List.copyOf(files);
    gaps = Map.copyOf(gaps);
    notes = Map.copyOf(notes);
  }

  /** A commit id never used before. */
  public static String newCommitId() {
    return UUID.randomUUID().toString();
  }
}
