package elt.transform;

import elt.driver.DriverException;
import elt.driver.TransformSpec;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.spark.source.SerializableTableWithSize;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/** Turns ranges of RAW into data files of SILVER and rejects. Whatever does not end in files to commit leaves none behind. */
final class BatchWriter {
  /**
   * A job that is not wanted any more may end by itself for so long: nobody hears of the files of a task that ends in the very moment
   * in which it is cancelled.
   */
  private static final long GRACE_MS = 2_000;

  private final TransformSpec spec;
  private final Table silver;
  private final Table rejects;
  private final Broadcast<Table> shippedSilver;
  private final Broadcast<Table> shippedRejects;
  private final RowLayout layout;
  private final BatchQuery query;

  BatchWriter(SparkSession spark, TransformSpec spec, PipelineSql sql, Table silver, Table rejects) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.spec = spec;
    this.silver = silver;
    this.rejects = rejects;
    this.shippedSilver = context.broadcast(SerializableTableWithSize.copyOf(silver));
    this.shippedRejects = context.broadcast(SerializableTableWithSize.copyOf(rejects));
    this.layout =
        new RowLayout(SparkSchemaUtil.convert(silver.schema()), SparkSchemaUtil.convert(rejects.schema()));
    this.query = new BatchQuery(sql, layout, spec);
  }

  /**
   * Computes and writes the range.
   *
   * @return empty when {@code isAbandoned} said so first
   */
  Optional<BatchTask.Written> write(
      RawReader raw, BatchRange range, String batchId, BooleanSupplier isAbandoned) throws InterruptedException {
    try (Writing writing = start(raw, range, batchId)) {
      return writing.await(isAbandoned);
    }
  }

  /** Starts to compute and write the range. */
  Writing start(RawReader raw, BatchRange range, String batchId) {
    if (range.files().isEmpty()) {
      return new Writing(range, batchId, null);
    }
    long rejectedAt = System.currentTimeMillis() * 1000;
    BatchTask task = new BatchTask(shippedSilver, shippedRejects, layout, batchId, rejectedAt);
    return new Writing(
        range, batchId, raw.read(batchId, range.files(), rows -> BatchJob.start(query.over(rows, range), task)));
  }

  /** A range that is being written, or has been. Closed before its files were handed out, it leaves none behind. */
  final class Writing implements AutoCloseable {
    private final BatchRange range;
    private final String batchId;
    private final BatchJob job;
    private boolean isHandedOut;

    private Writing(BatchRange range, String batchId, BatchJob job) {
      this.range = range;
      this.batchId = batchId;
      this.job = job;
    }

    BatchRange range() {
      return range;
    }

    String batchId() {
      return batchId;
    }

    /**
     * Waits for the files.
     *
     * @return empty when {@code isAbandoned} said so first
     */
    Optional<BatchTask.Written> await(BooleanSupplier isAbandoned) throws InterruptedException {
      Optional<BatchTask.Written> written =
          job == null ? Optional.of(BatchTask.Written.NOTHING) : job.await(isAbandoned);
      written.ifPresent(files -> expectEveryRow(range, files));
      isHandedOut = written.isPresent();
      return written;
    }

    @Override
    public void close() {
      if (isHandedOut || job == null) {
        return;
      }
      try {
        if (!job.endsWithin(GRACE_MS)) {
          job.cancel();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      delete(job.written());
    }
  }

  /** RAW rows = SILVER rows + rejects, by the rows that the files say they have. */
  private void expectEveryRow(BatchRange range, BatchTask.Written written) {
    long rows = rows(written.silver()) + rows(written.rejects());
    if (rows < range.leastRows() || rows > range.mostRows()) {
      throw new DriverException(
          "internal",
          ("%s has %d to %d rows in the range of this batch, but %d rows for %s and %d for %s were written."
                  + " Nothing was committed. The files: %s")
              .formatted(
                  spec.from(),
                  range.leastRows(),
                  range.mostRows(),
                  rows(written.silver()),
                  spec.table(),
                  rows(written.rejects()),
                  spec.rejectsTable(),
                  range.files()));
    }
  }

  static long rows(List<DataFile> files) {
    return files.stream().mapToLong(DataFile::recordCount).sum();
  }

  void delete(BatchTask.Written written) {
    deleteSilver(written);
    deleteRejects(written);
  }

  void deleteSilver(BatchTask.Written written) {
    FileRemoval.delete(silver, written.silver());
  }

  void deleteRejects(BatchTask.Written written) {
    FileRemoval.delete(rejects, written.rejects());
  }
}
