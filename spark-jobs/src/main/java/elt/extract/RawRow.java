package elt.extract;

import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * One row object that shows a Kafka record after the other to the Parquet writer. Nothing is copied:
 * the row holds the record's own byte arrays until the next record.
 */
final class RawRow {
  // 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z
  static final long MIN_TIMESTAMP_MS = -62_135_596_800_000L;
  static final long MAX_TIMESTAMP_MS = 253_402_300_799_999L;

  private final GenericInternalRow row;
  private final int partition;
  private final int offset;
  private final int timestamp;
  private final int timestampMs;
  private final int key;
  private final int value;
  private final int headers;

  /**
   * @param schema of the table as it is: columns of other people stay null
   * @param ingestedAt the commit clock, in micros
   */
  RawRow(Schema schema, String topicId, long ingestedAt) {
    row = new GenericInternalRow(schema.columns().size());
    partition = ordinal(schema, RawTable.PARTITION);
    offset = ordinal(schema, RawTable.OFFSET);
    timestamp = ordinal(schema, RawTable.TIMESTAMP);
    timestampMs = ordinal(schema, RawTable.TIMESTAMP_MS);
    key = ordinal(schema, RawTable.KEY);
    value = ordinal(schema, RawTable.VALUE);
    headers = ordinal(schema, RawTable.HEADERS);
    row.update(ordinal(schema, RawTable.TOPIC_ID), UTF8String.fromString(topicId));
    row.setLong(ordinal(schema, RawTable.INGESTED_AT), ingestedAt);
  }

  /** The same object each time, showing this record. */
  InternalRow show(ConsumerRecord<byte[], byte[]> record) {
    row.setInt(partition, record.partition());
    row.setLong(offset, record.offset());
    row.setLong(timestampMs, record.timestamp());
    row.update(timestamp, micros(record.timestamp()));
    row.update(key, record.key());
    row.update(value, record.value());
    row.update(headers, headers(record.headers().toArray()));
    return row;
  }

  /** Micros since 1970, or null for what Parquet and Trino could not show as a time. */
  static Long micros(long timestampMs) {
    boolean isTime =
        timestampMs != RecordBatch.NO_TIMESTAMP
            && timestampMs >= MIN_TIMESTAMP_MS
            && timestampMs <= MAX_TIMESTAMP_MS;
    return isTime ? timestampMs * 1000 : null;
  }

  private static GenericArrayData headers(Header[] headers) {
    if (headers.length == 0) {
      return null;
    }
    Object[] rows = new Object[headers.length];
    for (int i = 0; i < headers.length; i++) {
      rows[i] =
          new GenericInternalRow(
              new Object[] {UTF8String.fromString(headers[i].key()), headers[i].value()});
    }
    return new GenericArrayData(rows);
  }

  private static int ordinal(Schema schema, String name) {
    int ordinal = 0;
    for (Types.NestedField field : schema.columns()) {
      if (field.name().equals(name)) {
        return ordinal;
      }
      ordinal++;
    }
    throw new IllegalArgumentException("No column " + name + " in " + schema);
  }
}
