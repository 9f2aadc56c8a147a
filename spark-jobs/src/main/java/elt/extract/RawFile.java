package elt.extract;

import java.io.IOException;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.spark.data.SparkParquetWriters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** One Parquet file of RAW, in one hour partition. */
final class RawFile {
  /**
   * Parquet looks at its buffers only after so many rows (default: at most 10,000): a thousand small
   * records are nothing, a thousand megabytes would be the end of any executor. Both for pages and row groups.
   */
  private static final Map<String, String> SMALL_RECORDS = checkEvery(100, 1_000);

  private static final Map<String, String> LARGE_RECORDS = checkEvery(1, 10);

  private final Table table;
  private final String location;
  private DataWriter<InternalRow> writer;

  private RawFile(Table table, String location) {
    this.table = table;
    this.location = location;
  }

  /** A file that does not exist yet. */
  static RawFile create(Table table, OutputFileFactory files, long ingestedAt, boolean hasLargeRecords)
      throws IOException {
    PartitionKey hour = hour(table, ingestedAt);
    EncryptedOutputFile output = files.newOutputFile(table.spec(), hour);
    RawFile file = new RawFile(table, output.encryptingOutputFile().location());
    StructType sparkType = SparkSchemaUtil.convert(table.schema());
    try {
      file.writer =
          Parquet.writeData(output.encryptingOutputFile())
              .forTable(table)
              .setAll(hasLargeRecords ? LARGE_RECORDS : SMALL_RECORDS)
              .metricsConfig(MetricsConfig.forTable(table))
              .createWriterFunc(parquet -> SparkParquetWriters.buildWriter(sparkType, parquet))
              .withSpec(table.spec())
              .withPartition(hour)
              .withKeyMetadata(output.keyMetadata())
              .overwrite()
              .build();
      return file;
    } finally {
      if (file.writer == null) {
        file.delete();
      }
    }
  }

  void write(InternalRow row) {
    writer.write(row);
  }

  DataFile finish() throws IOException {
    writer.close();
    return writer.toDataFile();
  }

  /** Deletes the file, finished or not, as well as it can: one that nobody refers to does no harm but take room. */
  void delete() {
    // A killed task is interrupted, and S3 clients refuse to work in an interrupted thread.
    boolean interrupted = Thread.interrupted();
    try {
      if (writer != null) {
        writer.close();
      }
    } catch (IOException | RuntimeException ignored) {
      // Half a file is deleted as well as a whole one.
    }
    try {
      table.io().deleteFile(location);
    } catch (RuntimeException ignored) {
      // Left to the table's maintenance (orphan files).
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Names for the files of one task attempt; {@code batchId} is part of each. */
  static OutputFileFactory names(Table table, int partitionId, long taskAttemptId, String batchId) {
    return OutputFileFactory.builderFor(table, partitionId, taskAttemptId)
        .format(FileFormat.PARQUET)
        .operationId(batchId)
        .build();
  }

  /** The partition of all rows of a batch: they have the same clock. */
  static PartitionKey hour(Table table, long ingestedAt) {
    PartitionKey key = new PartitionKey(table.spec(), table.schema());
    key.partition(new ClockOnly(ingestedAt));
    return key;
  }

  private static Map<String, String> checkEvery(int minRows, int maxRows) {
    return Map.of(
        "write.parquet.row-group-check-min-record-count", String.valueOf(minRows),
        "write.parquet.row-group-check-max-record-count", String.valueOf(maxRows));
  }

  /** A row of which only the partition's source column is asked for. */
  private record ClockOnly(long ingestedAt) implements StructLike {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public <T> T get(int ordinal, Class<T> javaClass) {
      return javaClass.cast(ingestedAt);
    }

    @Override
    public <T> void set(int ordinal, T value) {
      throw new UnsupportedOperationException("read only");
    }
  }
}
