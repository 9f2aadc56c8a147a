package elt.extract;

import java.io.IOException;
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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * Writes the records of one task into one Parquet file of one hour partition. The file is made at the
 * first record, and deleted again by {@link #abort()}.
 */
final class RawFileWriter {
  private final Table table;
  private final OutputFileFactory files;
  private final long ingestedAt;
  private final RawRow row;
  private DataWriter<InternalRow> writer;
  private String location;
  private long rows;
  private long bytes;

  /**
   * @param files names the file; unique per task attempt
   * @param ingestedAt the commit clock, in micros
   */
  RawFileWriter(Table table, OutputFileFactory files, String topicId, long ingestedAt) {
    this.table = table;
    this.files = files;
    this.ingestedAt = ingestedAt;
    this.row = new RawRow(table.schema(), topicId, ingestedAt);
  }

  void write(ConsumerRecord<byte[], byte[]> record) throws IOException {
    if (writer == null) {
      writer = open();
    }
    writer.write(row.show(record));
    rows++;
    bytes += bytes(record);
  }

  /** The finished file, or null when there was no record. */
  DataFile finish() throws IOException {
    if (writer == null) {
      return null;
    }
    writer.close();
    return writer.toDataFile();
  }

  /** Deletes what was written, as well as it can: a file nobody refers to does no harm but take room. */
  void abort() {
    if (location == null) {
      return;
    }
    // A killed task is interrupted, and S3 clients refuse to work in an interrupted thread.
    boolean interrupted = Thread.interrupted();
    try {
      // Null when creating the file failed halfway.
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

  long rows() {
    return rows;
  }

  /** Bytes of keys, values and headers, as they came. */
  long bytes() {
    return bytes;
  }

  private DataWriter<InternalRow> open() throws IOException {
    StructType sparkType = SparkSchemaUtil.convert(table.schema());
    PartitionKey hour = hour(table, ingestedAt);
    EncryptedOutputFile file = files.newOutputFile(table.spec(), hour);
    location = file.encryptingOutputFile().location();
    return Parquet.writeData(file.encryptingOutputFile())
        .forTable(table)
        .metricsConfig(MetricsConfig.forTable(table))
        .createWriterFunc(parquet -> SparkParquetWriters.buildWriter(sparkType, parquet))
        .withSpec(table.spec())
        .withPartition(hour)
        .withKeyMetadata(file.keyMetadata())
        .overwrite()
        .build();
  }

  /** The partition of all rows of a batch: they have the same clock. */
  static PartitionKey hour(Table table, long ingestedAt) {
    PartitionKey key = new PartitionKey(table.spec(), table.schema());
    key.partition(new ClockOnly(ingestedAt));
    return key;
  }

  static OutputFileFactory files(Table table, int partitionId, long taskAttemptId, String batchId) {
    return OutputFileFactory.builderFor(table, partitionId, taskAttemptId)
        .format(FileFormat.PARQUET)
        .operationId(batchId)
        .build();
  }

  private static long bytes(ConsumerRecord<byte[], byte[]> record) {
    long sum = Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    for (Header header : record.headers()) {
      sum += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return sum;
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
