package elt.transform;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.RollingDataWriter;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** The work of one Spark task: each computed row goes to SILVER or to the rejects, in one pass. Runs in the executors. */
final class BatchTask extends AbstractFunction1<Iterator<InternalRow>, BatchTask.Written>
    implements Serializable {
  private static final long serialVersionUID = 1;

  private final Broadcast<Table> silver;
  private final Broadcast<Table> rejects;
  private final RowLayout layout;
  private final String batchId;
  private final long rejectedAt;

  /** The files that a task leaves behind. */
  record Written(List<DataFile> silver, List<DataFile> rejects) implements Serializable {
    static final Written NOTHING = new Written(List.of(), List.of());

    /** Size of all files. */
    long bytes() {
      return Stream.concat(silver.stream(), rejects.stream()).mapToLong(DataFile::fileSizeInBytes).sum();
    }
  }

  /**
   * @param batchId names the files of one batch
   * @param rejectedAt when the batch was made, in micros
   */
  BatchTask(
      Broadcast<Table> silver, Broadcast<Table> rejects, RowLayout layout, String batchId, long rejectedAt) {
    this.silver = silver;
    this.rejects = rejects;
    this.layout = layout;
    this.batchId = batchId;
    this.rejectedAt = rejectedAt;
  }

  String batchId() {
    return batchId;
  }

  @Override
  public Written apply(Iterator<InternalRow> rows) {
    Sinks sinks = new Sinks(TaskContext.get());
    try {
      while (rows.hasNext()) {
        sinks.write(rows.next());
      }
      Written written = sinks.finish();
      // Nobody would hear of the files of a task that is killed from here on.
      TaskContext.get().killTaskIfInterrupted();
      return written;
    } catch (IOException e) {
      sinks.abort();
      throw new UncheckedIOException(e);
    } catch (Throwable e) {
      sinks.abort();
      throw e;
    }
  }

  private final class Sinks {
    private final ParquetFiles silverFiles;
    private final ParquetFiles rejectFiles;
    private final DayWriters days;
    private final RowLayout.RejectView rejectView = layout.rejectView(rejectedAt);
    private final int reason = layout.reason();
    private RollingDataWriter<InternalRow> rejected;

    Sinks(TaskContext task) {
      silverFiles = files(task, silver.value(), layout.silver());
      rejectFiles = files(task, rejects.value(), layout.rejects());
      days = new DayWriters(silverFiles, layout);
    }

    private ParquetFiles files(
        TaskContext task, Table table, org.apache.spark.sql.types.StructType columns) {
      return new ParquetFiles(table, columns, task.partitionId(), task.taskAttemptId(), batchId);
    }

    void write(InternalRow row) throws IOException {
      if (row.isNullAt(reason)) {
        days.write(row);
        return;
      }
      if (rejected == null) {
        rejected = rejectFiles.open(DayWriters.day(rejectedAt));
      }
      rejected.write(rejectView.show(row));
    }

    Written finish() throws IOException {
      days.finish();
      if (rejected != null) {
        rejectFiles.finish(rejected);
      }
      return new Written(List.copyOf(silverFiles.finished()), List.copyOf(rejectFiles.finished()));
    }

    void abort() {
      // A killed task is interrupted, and S3 clients refuse to work in an interrupted thread.
      boolean interrupted = Thread.interrupted();
      days.abort();
      closeRejected();
      silverFiles.delete();
      rejectFiles.delete();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private void closeRejected() {
      try {
        if (rejected != null) {
          rejected.close();
        }
      } catch (IOException | RuntimeException ignored) {
        // Half a file is deleted as well as a whole one.
      }
    }
  }
}
