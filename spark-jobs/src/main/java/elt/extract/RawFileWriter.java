package elt.extract;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Writes the records of one task into one Parquet file; a second one only when large records come after
 * small ones. Files are made when there is something to write, and deleted again by {@link #abort()}.
 */
final class RawFileWriter {
  private static final long LARGE_BYTES = 64 << 10;

  private final Table table;
  private final OutputFileFactory names;
  private final long ingestedAt;
  private final String topicId;
  private final List<RawFile> all = new ArrayList<>();
  private final List<DataFile> finished = new ArrayList<>();
  private RawFile open;
  private boolean isForLarge;
  private long rows;
  private long bytes;

  /**
   * @param names names the files; unique per task attempt
   * @param ingestedAt the commit clock, in micros
   */
  RawFileWriter(Table table, OutputFileFactory names, String topicId, long ingestedAt) {
    this.table = table;
    this.names = names;
    this.ingestedAt = ingestedAt;
    this.topicId = topicId;
  }

  void write(ConsumerRecord<byte[], byte[]> record) throws IOException {
    long recordBytes = bytes(record);
    boolean isLarge = recordBytes >= LARGE_BYTES;
    if (open == null || (isLarge && !isForLarge)) {
      finishOpen();
      open = new RawFile(table, names, topicId, ingestedAt, isLarge);
      all.add(open);
      isForLarge = isLarge;
    }
    open.write(record, recordBytes);
    rows++;
    bytes += recordBytes;
  }

  /** The finished files; none when there was no record. */
  List<DataFile> finish() throws IOException {
    finishOpen();
    return List.copyOf(finished);
  }

  /** Deletes whatever was written. */
  void abort() {
    all.forEach(RawFile::delete);
  }

  long rows() {
    return rows;
  }

  /** Bytes of keys, values and headers, as they came. */
  long bytes() {
    return bytes;
  }

  private void finishOpen() throws IOException {
    if (open != null) {
      finished.add(open.finish());
      open = null;
    }
  }

  private static long bytes(ConsumerRecord<byte[], byte[]> record) {
    long sum = Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    for (Header header : record.headers().toArray()) {
      sum += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return sum;
  }
}
