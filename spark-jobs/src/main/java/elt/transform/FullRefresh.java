package elt.transform;

import elt.driver.Outages;
import elt.driver.StopSignal;
import elt.ledger.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.DataFile;

/**
 * Computes all of RAW anew, range by range, into files that nobody sees until they replace the contents of
 * rejects and SILVER in one commit each. Given up, it leaves nothing behind.
 */
final class FullRefresh {
  /** Note on the commits that replace: the id of the refresh. */
  static final String NOTE = "elt.full-refresh";

  private final BatchWriter writer;
  private final RawReader reader;
  private final Outages outages;
  private final StopSignal stop;
  private final List<DataFile> silver = new ArrayList<>();
  private final List<DataFile> rejects = new ArrayList<>();

  FullRefresh(BatchWriter writer, RawReader reader, Outages outages, StopSignal stop) {
    this.writer = writer;
    this.reader = reader;
    this.outages = outages;
    this.stop = stop;
  }

  /**
   * Writes all ranges of the backlog.
   *
   * @return the last range; empty when stop was asked for
   */
  Optional<BatchRange> write(RawBacklog backlog, long maxRows, BooleanSupplier isAbandoned) {
    boolean isComplete = false;
    try {
      BatchRange range = null;
      for (RawBacklog left = backlog; !left.isEmpty(); left = left.after(range)) {
        range = left.next(maxRows);
        if (stop.isRequested() || !write(range, isAbandoned)) {
          return Optional.empty();
        }
      }
      isComplete = true;
      return Optional.of(range);
    } finally {
      if (!isComplete) {
        writer.delete(written());
      }
    }
  }

  private boolean write(BatchRange range, BooleanSupplier isAbandoned) {
    Optional<BatchTask.Written> written =
        outages.retry(
            TransformLoop.UNREACHABLE, () -> writer.write(reader, range, Batch.newCommitId(), isAbandoned));
    written.ifPresent(
        files -> {
          silver.addAll(files.silver());
          rejects.addAll(files.rejects());
        });
    return written.isPresent();
  }

  BatchTask.Written written() {
    return new BatchTask.Written(List.copyOf(silver), List.copyOf(rejects));
  }

  static Batch batch(String refreshId, BatchRange last, List<DataFile> files) {
    return new Batch(
        refreshId,
        files,
        last.position(),
        last.upTo(),
        BatchWriter.rows(files),
        Map.of(),
        Map.of(NOTE, refreshId));
  }
}
