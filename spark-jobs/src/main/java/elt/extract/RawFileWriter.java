package elt.extract;

import java.io.IOException;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Writes the records of one task into one Parquet file, which is made when there is something to write, and deleted again by {@link #abort()}. */
final class RawFileWriter {
  private final Table table;
  private final OutputFileFactory names;
  private final long ingestedAt;
  private final String topicId;
  private final RecordBlock block = new RecordBlock();
  private RawFile file;
  private long rows;
  private long bytes;

  /**
   * @param names names the file; unique per task attempt
   * @param ingestedAt the commit clock, in micros
   */
  RawFileWriter(Table table, OutputFileFactory names, String topicId, long ingestedAt) {
    this.table = table;
    this.names = names;
    this.ingestedAt = ingestedAt;
    this.topicId = topicId;
  }

  void write(ConsumerRecord<byte[], byte[]> record) throws IOException {
    block.add(record);
    if (block.isFull()) {
      writeBlock();
    }
  }

  /** The finished file; none when there was no record. */
  List<DataFile> finish() throws IOException {
    if (block.rows() > 0) {
      writeBlock();
    }
    return file == null ? List.of() : List.of(file.finish());
  }

  /** Deletes whatever was written. */
  void abort() {
    if (file != null) {
      file.delete();
    }
  }

  /** Written so far; all of them once the file is finished. */
  long rows() {
    return rows;
  }

  /** Bytes of keys, values and headers of these rows, as they came. */
  long bytes() {
    return bytes;
  }

  private void writeBlock() throws IOException {
    if (file == null) {
      file = new RawFile(table, names, topicId, ingestedAt);
    }
    file.write(block);
    rows += block.rows();
    bytes += block.bytes();
    block.clear();
  }
}
