package elt.extract;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Some records side by side, field by field: a column is written in one go. Not more than {@value #MAX_ROWS} and, but for the last
 * of them, {@value #MAX_BYTES} bytes. Holds the records' own byte arrays. Not safe for several threads.
 */
final class RecordBlock {
  static final int MAX_ROWS = 1_024;
  private static final int MAX_BYTES = 1 << 20;

  private final long[] partitions = new long[MAX_ROWS];
  private final long[] offsets = new long[MAX_ROWS];
  private final long[] timestamps = new long[MAX_ROWS];
  private final byte[][] keys = new byte[MAX_ROWS][];
  private final byte[][] values = new byte[MAX_ROWS][];
  private final Header[][] headers = new Header[MAX_ROWS][];
  private int rows;
  private long bytes;
  private boolean hasHeaders;

  void add(ConsumerRecord<byte[], byte[]> record) {
    int row = rows++;
    partitions[row] = record.partition();
    offsets[row] = record.offset();
    timestamps[row] = record.timestamp();
    byte[] key = record.key();
    byte[] value = record.value();
    keys[row] = key;
    values[row] = value;
    bytes += (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
    Header[] all = record.headers().toArray();
    headers[row] = all;
    if (all.length > 0) {
      hasHeaders = true;
      for (Header header : all) {
        bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
      }
    }
  }

  /** Nothing more goes in before {@link #clear()}. */
  boolean isFull() {
    return rows == MAX_ROWS || bytes >= MAX_BYTES;
  }

  void clear() {
    rows = 0;
    bytes = 0;
    hasHeaders = false;
  }

  int rows() {
    return rows;
  }

  /** Of keys, values and headers, as they came. */
  long bytes() {
    return bytes;
  }

  // The arrays below are filled up to rows(); their owner is this block.

  long[] partitions() {
    return partitions;
  }

  long[] offsets() {
    return offsets;
  }

  /** In ms, as sent. */
  long[] timestamps() {
    return timestamps;
  }

  byte[][] keys() {
    return keys;
  }

  byte[][] values() {
    return values;
  }

  Header[][] headers() {
    return headers;
  }

  /** Whether any record has a header. */
  boolean hasHeaders() {
    return hasHeaders;
  }
}
