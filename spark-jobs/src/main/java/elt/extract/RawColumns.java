package elt.extract;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.iceberg.shaded.org.apache.parquet.column.ColumnDescriptor;
import org.apache.iceberg.shaded.org.apache.parquet.column.ParquetProperties;
import org.apache.iceberg.shaded.org.apache.parquet.column.page.PageWriteStore;
import org.apache.iceberg.shaded.org.apache.parquet.column.statistics.Statistics;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.ValuesWriter;
import org.apache.iceberg.shaded.org.apache.parquet.io.api.Binary;
import org.apache.iceberg.shaded.org.apache.parquet.schema.MessageType;
import org.apache.iceberg.shaded.org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.RecordBatch;

/**
 * RAW's columns in a Parquet file, and how each is encoded. A batch has one topic id and one clock; partitions, offsets and times
 * go up in small steps or not at all; keys and values are opaque: whatever a dictionary or minimum and maximum would cost there is
 * saved. The record's own byte arrays are copied once, into the page.
 */
final class RawColumns {
  // 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z
  static final long MIN_TIMESTAMP_MS = -62_135_596_800_000L;
  static final long MAX_TIMESTAMP_MS = 253_402_300_799_999L;

  private final PageWriteStore pages;
  private final ParquetProperties properties;
  private final String topicId;
  private final long ingestedAt;

  private RawColumns(PageWriteStore pages, ParquetProperties properties, String topicId, long ingestedAt) {
    this.pages = pages;
    this.properties = properties;
    this.topicId = topicId;
    this.ingestedAt = ingestedAt;
  }

  /**
   * The columns of one row group.
   *
   * @param schema of the table as it is: columns of other people stay null
   * @param ingestedAt the commit clock, in micros
   */
  static List<RawColumn> of(
      MessageType schema, PageWriteStore pages, ParquetProperties properties, String topicId, long ingestedAt) {
    RawColumns columns = new RawColumns(pages, properties, topicId, ingestedAt);
    return schema.getColumns().stream().map(columns::column).toList();
  }

  /** Whether Parquet and Trino can show this as a time. */
  static boolean isTime(long timestampMs) {
    return timestampMs != RecordBatch.NO_TIMESTAMP
        && timestampMs >= MIN_TIMESTAMP_MS
        && timestampMs <= MAX_TIMESTAMP_MS;
  }

  private RawColumn column(ColumnDescriptor descriptor) {
    return switch (name(descriptor)) {
      case RawTable.TOPIC_ID -> new Constant(
          descriptor, ConstantValuesWriter.of(topicId), statistics -> statistics.updateStats(Binary.fromString(topicId)));
      case RawTable.PARTITION -> new Longs(descriptor, new DeltaWriter(), RecordBlock::partitions);
      case RawTable.OFFSET -> new Longs(descriptor, new DeltaWriter(), RecordBlock::offsets);
      case RawTable.TIMESTAMP -> new Times(descriptor, new DeltaWriter());
      case RawTable.TIMESTAMP_MS -> new Longs(descriptor, new DeltaWriter(), RecordBlock::timestamps);
      case RawTable.KEY -> new Bytes(descriptor, new BytesWriter(), RecordBlock::keys);
      case RawTable.VALUE -> new Bytes(descriptor, new BytesWriter(), RecordBlock::values);
      case RawTable.HEADERS + ".key" -> new Headers(descriptor, header -> header.key().getBytes(StandardCharsets.UTF_8));
      case RawTable.HEADERS + ".value" -> new Headers(descriptor, Header::value);
      case RawTable.INGESTED_AT ->
          new Constant(descriptor, ConstantValuesWriter.of(ingestedAt), statistics -> statistics.updateStats(ingestedAt));
      default -> new Absent(descriptor);
    };
  }

  /** {@code kafka_headers.list.element.key} is {@code kafka_headers.key}. */
  private static String name(ColumnDescriptor descriptor) {
    String[] path = descriptor.getPath();
    return path.length == 1 ? path[0] : path[0] + "." + path[path.length - 1];
  }

  // A column of its own for each way of encoding: with the type of its values writer known, its loop is compiled into one piece.
  // One field in the base class, cast where it is used, made the writer up to a fifth slower.

  private final class Constant extends RawColumn {
    private final ConstantValuesWriter values;
    private final Consumer<Statistics<?>> bounds;

    private Constant(ColumnDescriptor descriptor, ConstantValuesWriter values, Consumer<Statistics<?>> bounds) {
      super(descriptor, pages, properties, values, true);
      this.values = values;
      this.bounds = bounds;
    }

    @Override
    void append(RecordBlock block) throws IOException {
      values.add(block.rows());
      bounds.accept(statistics());
      addPresent(block.rows());
    }
  }

  /** Whole numbers; the column may be one of 32 bits. */
  private final class Longs extends RawColumn {
    private final DeltaWriter values;
    private final Function<RecordBlock, long[]> field;
    private final boolean isInt;

    private Longs(ColumnDescriptor descriptor, DeltaWriter values, Function<RecordBlock, long[]> field) {
      super(descriptor, pages, properties, values, true);
      this.values = values;
      this.field = field;
      this.isInt = descriptor.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT32;
    }

    @Override
    void append(RecordBlock block) throws IOException {
      long[] all = field.apply(block);
      values.write(all, block.rows());
      long min = Long.MAX_VALUE;
      long max = Long.MIN_VALUE;
      for (int row = 0; row < block.rows(); row++) {
        min = Math.min(min, all[row]);
        max = Math.max(max, all[row]);
      }
      bound(min);
      bound(max);
      addPresent(block.rows());
    }

    private void bound(long value) {
      if (isInt) {
        statistics().updateStats((int) value);
      } else {
        statistics().updateStats(value);
      }
    }
  }

  /** Micros; null when the record has no time. */
  private final class Times extends RawColumn {
    private final DeltaWriter values;
    private final long[] micros = new long[RecordBlock.MAX_ROWS];

    private Times(ColumnDescriptor descriptor, DeltaWriter values) {
      super(descriptor, pages, properties, values, true);
      this.values = values;
    }

    @Override
    void append(RecordBlock block) throws IOException {
      long[] all = block.timestamps();
      long min = Long.MAX_VALUE;
      long max = Long.MIN_VALUE;
      int times = 0;
      for (int row = 0; row < block.rows(); row++) {
        long ms = all[row];
        if (isTime(ms)) {
          micros[times++] = ms * 1_000;
          min = Math.min(min, ms);
          max = Math.max(max, ms);
          addPresent(1);
        } else {
          addNulls(1);
        }
      }
      values.write(micros, times);
      if (min <= max) {
        statistics().updateStats(min * 1_000);
        statistics().updateStats(max * 1_000);
      }
    }
  }

  private final class Bytes extends RawColumn {
    private final BytesWriter values;
    private final Function<RecordBlock, byte[][]> field;

    private Bytes(ColumnDescriptor descriptor, BytesWriter values, Function<RecordBlock, byte[][]> field) {
      super(descriptor, pages, properties, values, false);
      this.values = values;
      this.field = field;
    }

    @Override
    void append(RecordBlock block) throws IOException {
      byte[][] all = field.apply(block);
      for (int row = 0; row < block.rows(); row++) {
        byte[] bytes = all[row];
        if (bytes == null) {
          addNulls(1);
        } else {
          values.write(bytes);
          addPresent(1);
        }
      }
    }
  }

  /** One field of the list of headers; null when there are none, or the header has no value. */
  private final class Headers extends RawColumn {
    private final ValuesWriter values;
    private final Function<Header, byte[]> field;

    private Headers(ColumnDescriptor descriptor, Function<Header, byte[]> field) {
      this(descriptor, properties.newValuesWriter(descriptor), field);
    }

    private Headers(ColumnDescriptor descriptor, ValuesWriter values, Function<Header, byte[]> field) {
      super(descriptor, pages, properties, values, true);
      this.values = values;
      this.field = field;
    }

    @Override
    void append(RecordBlock block) throws IOException {
      if (!block.hasHeaders()) {
        addNulls(block.rows());
        return;
      }
      for (int row = 0; row < block.rows(); row++) {
        append(block.headers()[row]);
      }
    }

    private void append(Header[] headers) throws IOException {
      if (headers.length == 0) {
        addNulls(1);
        return;
      }
      for (int i = 0; i < headers.length; i++) {
        addNested(i == 0 ? 0 : 1, field.apply(headers[i]));
      }
    }

    private void addNested(int repeated, byte[] bytes) throws IOException {
      repetition.append(repeated, 1);
      if (bytes == null) {
        definition.append(present - 1, 1);
        statistics().incrementNumNulls();
      } else {
        Binary value = Binary.fromConstantByteArray(bytes);
        values.writeBytes(value);
        statistics().updateStats(value);
        definition.append(present, 1);
      }
    }
  }

  /** A column that somebody else has added. */
  private final class Absent extends RawColumn {
    private Absent(ColumnDescriptor descriptor) {
      super(descriptor, pages, properties, properties.newValuesWriter(descriptor), true);
    }

    @Override
    void append(RecordBlock block) throws IOException {
      addNulls(block.rows());
    }
  }
}
