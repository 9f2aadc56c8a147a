package elt.extract;

import java.io.IOException;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.OutputFileFactory;

/** One data file of RAW, in one hour partition. */
final class RawFile {
  private final Table table;
  private final EncryptedOutputFile output;
  private final PartitionKey hour;
  private final RawParquet parquet;

  /** A file that does not exist before the first of its row groups is full, or it is finished. */
  RawFile(Table table, OutputFileFactory files, String topicId, long ingestedAt) {
    this.table = table;
    this.hour = hour(table, ingestedAt);
    this.output = files.newOutputFile(table.spec(), hour);
    this.parquet = new RawParquet(table, output.encryptingOutputFile(), topicId, ingestedAt);
  }

  void write(RecordBlock block) throws IOException {
    parquet.write(block);
  }

  DataFile finish() throws IOException {
    parquet.close();
    return DataFiles.builder(table.spec())
        .withFormat(FileFormat.PARQUET)
        .withPath(output.encryptingOutputFile().location())
        .withPartition(hour)
        .withEncryptionKeyMetadata(output.keyMetadata())
        .withFileSizeInBytes(parquet.length())
        .withMetrics(parquet.metrics())
        .withSplitOffsets(parquet.splitOffsets())
        .build();
  }

  /** Deletes the file, finished or not, as well as it can: one that nobody refers to does no harm but take room. */
  void delete() {
    // A killed task is interrupted, and S3 clients refuse to work in an interrupted thread.
    boolean interrupted = Thread.interrupted();
    try {
      parquet.close();
    } catch (IOException | RuntimeException ignored) {
      // Half a file is deleted as well as a whole one.
    }
    try {
      table.io().deleteFile(output.encryptingOutputFile().location());
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
