package elt.transform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.RollingDataWriter;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.spark.data.SparkParquetWriters;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * The data files that one task writes into one table, each for one day. Remembers what it opened, so
 * that all of it can be deleted again.
 */
final class ParquetFiles implements FileWriterFactory<InternalRow> {
  private final Table table;
  private final StructType columns;
  private final OutputFileFactory names;
  private final long targetBytes;
  private final List<String> opened = new ArrayList<>();
  private final List<DataFile> finished = new ArrayList<>();

  /**
   * @param columns the table's columns, which the first columns of each row are
   * @param batchId names the files, together with task and attempt
   */
  ParquetFiles(Table table, StructType columns, int partitionId, long taskAttemptId, String batchId) {
    this.table = table;
    this.columns = columns;
    this.names =
        OutputFileFactory.builderFor(table, partitionId, taskAttemptId)
            .format(FileFormat.PARQUET)
            .operationId(batchId)
            .build();
    this.targetBytes =
        PropertyUtil.propertyAsLong(
            table.properties(),
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
  }

  /** A writer of rows of one day (since 1970), which opens its first file at once. */
  RollingDataWriter<InternalRow> open(int day) {
    PartitionKey partition = new PartitionKey(table.spec(), table.schema());
    partition.set(0, day);
    return new RollingDataWriter<>(this, names, table.io(), targetBytes, table.spec(), partition);
  }

  /** Closes the writer and keeps its files. */
  void finish(RollingDataWriter<InternalRow> writer) throws IOException {
    writer.close();
    finished.addAll(writer.result().dataFiles());
  }

  List<DataFile> finished() {
    return finished;
  }

  /** Deletes whatever was written, as well as it can: a file that nobody refers to does no harm but take room. */
  void delete() {
    for (String location : opened) {
      try {
        table.io().deleteFile(location);
      } catch (RuntimeException left) {
        // Left to the table's maintenance (orphan files).
      }
    }
  }

  @Override
  public DataWriter<InternalRow> newDataWriter(
      EncryptedOutputFile file, PartitionSpec spec, StructLike partition) {
    opened.add(file.encryptingOutputFile().location());
    try {
      return Parquet.writeData(file)
          .forTable(table)
          .metricsConfig(MetricsConfig.forTable(table))
          .createWriterFunc(parquet -> SparkParquetWriters.buildWriter(columns, parquet))
          .withSpec(spec)
          .withPartition(partition)
          .overwrite()
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public EqualityDeleteWriter<InternalRow> newEqualityDeleteWriter(
      EncryptedOutputFile file, PartitionSpec spec, StructLike partition) {
    throw new UnsupportedOperationException("only data files are written");
  }

  @Override
  public PositionDeleteWriter<InternalRow> newPositionDeleteWriter(
      EncryptedOutputFile file, PartitionSpec spec, StructLike partition) {
    throw new UnsupportedOperationException("only data files are written");
  }
}
