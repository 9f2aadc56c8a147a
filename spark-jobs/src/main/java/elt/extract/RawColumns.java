package elt.extract;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.shaded.org.apache.parquet.column.ColumnDescriptor;
import org.apache.iceberg.shaded.org.apache.parquet.column.ColumnWriteStore;
import org.apache.iceberg.shaded.org.apache.parquet.column.ColumnWriter;
import org.apache.iceberg.shaded.org.apache.parquet.io.api.Binary;
import org.apache.iceberg.shaded.org.apache.parquet.schema.MessageType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.RecordBatch;

/**
 * RAW's columns in a Parquet file: shows one Kafka record after the other to their writers. The record's own byte arrays are
 * copied once, into the page.
 */
final class RawColumns {
  // 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z
  static final long MIN_TIMESTAMP_MS = -62_135_596_800_000L;
  static final long MAX_TIMESTAMP_MS = 253_402_300_799_999L;

  /** One leaf column: its writer changes with the row group. */
  private static final class Leaf {
    private final ColumnDescriptor descriptor;
    private final int present;
    private ColumnWriter writer;

    Leaf(ColumnDescriptor descriptor) {
      this.descriptor = descriptor;
      this.present = descriptor.getMaxDefinitionLevel();
    }

    void writeLong(long value) {
      writer.write(value, 0, present);
    }

    void writeBytes(byte[] bytes) {
      if (bytes == null) {
        writer.writeNull(0, 0);
      } else {
        writer.write(Binary.fromReusedByteArray(bytes), 0, present);
      }
    }
  }

  private final Binary topicIdValue;
  private final long ingestedAtValue;
  private final List<Leaf> all = new ArrayList<>();
  private final List<Leaf> others;
  private final Leaf topicId;
  private final Leaf partition;
  private final Leaf offset;
  private final Leaf timestamp;
  private final Leaf timestampMs;
  private final Leaf key;
  private final Leaf value;
  private final Leaf headerKey;
  private final Leaf headerValue;
  private final Leaf ingestedAt;

  /**
   * @param schema of the table as it is: columns of other people stay null
   * @param ingestedAt the commit clock, in micros
   */
  RawColumns(MessageType schema, String topicId, long ingestedAt) {
    this.topicIdValue = Binary.fromString(topicId);
    this.ingestedAtValue = ingestedAt;
    Map<String, Leaf> byName = new HashMap<>();
    for (ColumnDescriptor descriptor : schema.getColumns()) {
      Leaf leaf = new Leaf(descriptor);
      all.add(leaf);
      byName.put(name(descriptor), leaf);
    }
    this.topicId = byName.remove(RawTable.TOPIC_ID);
    this.partition = byName.remove(RawTable.PARTITION);
    this.offset = byName.remove(RawTable.OFFSET);
    this.timestamp = byName.remove(RawTable.TIMESTAMP);
    this.timestampMs = byName.remove(RawTable.TIMESTAMP_MS);
    this.key = byName.remove(RawTable.KEY);
    this.value = byName.remove(RawTable.VALUE);
    this.headerKey = byName.remove(RawTable.HEADERS + ".key");
    this.headerValue = byName.remove(RawTable.HEADERS + ".value");
    this.ingestedAt = byName.remove(RawTable.INGESTED_AT);
    this.others = List.copyOf(byName.values());
  }

  /** From now on records go into this row group. */
  void writeTo(ColumnWriteStore store) {
    all.forEach(leaf -> leaf.writer = store.getColumnWriter(leaf.descriptor));
  }

  /** Writes one row. */
  void write(ConsumerRecord<byte[], byte[]> record) {
    topicId.writer.write(topicIdValue, 0, topicId.present);
    partition.writer.write(record.partition(), 0, partition.present);
    offset.writeLong(record.offset());
    long ms = record.timestamp();
    if (isTime(ms)) {
      timestamp.writeLong(ms * 1000);
    } else {
      timestamp.writer.writeNull(0, 0);
    }
    timestampMs.writeLong(ms);
    key.writeBytes(record.key());
    value.writeBytes(record.value());
    writeHeaders(record.headers().toArray());
    ingestedAt.writeLong(ingestedAtValue);
    for (int i = 0; i < others.size(); i++) {
      others.get(i).writer.writeNull(0, 0);
    }
  }

  /** Whether Parquet and Trino can show this as a time. */
  static boolean isTime(long timestampMs) {
    return timestampMs != RecordBatch.NO_TIMESTAMP
        && timestampMs >= MIN_TIMESTAMP_MS
        && timestampMs <= MAX_TIMESTAMP_MS;
  }

  private void writeHeaders(Header[] headers) {
    if (headers.length == 0) {
      headerKey.writer.writeNull(0, 0);
      headerValue.writer.writeNull(0, 0);
      return;
    }
    int repetition = 0;
    for (Header header : headers) {
      byte[] name = header.key().getBytes(StandardCharsets.UTF_8);
      headerKey.writer.write(Binary.fromReusedByteArray(name), repetition, headerKey.present);
      if (header.value() == null) {
        headerValue.writer.writeNull(repetition, headerValue.present - 1);
      } else {
        headerValue.writer.write(Binary.fromReusedByteArray(header.value()), repetition, headerValue.present);
      }
      repetition = 1;
    }
  }

  /** {@code kafka_headers.list.element.key} is {@code kafka_headers.key}. */
  private static String name(ColumnDescriptor descriptor) {
    String[] path = descriptor.getPath();
    return path.length == 1 ? path[0] : path[0] + "." + path[path.length - 1];
  }
}
