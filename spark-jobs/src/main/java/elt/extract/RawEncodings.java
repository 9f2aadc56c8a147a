package elt.extract;

import java.util.Set;
import org.apache.iceberg.shaded.org.apache.parquet.column.ColumnDescriptor;
import org.apache.iceberg.shaded.org.apache.parquet.column.ParquetProperties;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.ValuesWriter;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.factory.DefaultValuesWriterFactory;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.factory.ValuesWriterFactory;

/**
 * How RAW's columns are encoded. A batch has one topic id and one clock; offsets and times go up in small steps; keys and
 * values are opaque. Whatever a dictionary or minimum and maximum would cost there is saved.
 */
final class RawEncodings implements ValuesWriterFactory {
  private static final Set<String> CONSTANT = Set.of(RawTable.TOPIC_ID, RawTable.INGESTED_AT);
  private static final Set<String> ASCENDING = Set.of(RawTable.OFFSET, RawTable.TIMESTAMP, RawTable.TIMESTAMP_MS);

  /** Without dictionary, minimum and maximum. */
  private static final Set<String> OPAQUE = Set.of(RawTable.KEY, RawTable.VALUE);

  private static final int INITIAL_SLAB_BYTES = 64;

  private final ValuesWriterFactory others = new DefaultValuesWriterFactory();
  private ParquetProperties properties;

  /** The builder with these encodings. */
  static ParquetProperties.Builder applyTo(ParquetProperties.Builder builder) {
    builder.withValuesWriterFactory(new RawEncodings()).withSizeStatisticsEnabled(false);
    builder.withDictionaryEncoding(true).withStatisticsEnabled(RawTable.TOPIC_ID, false);
    OPAQUE.forEach(column -> builder.withDictionaryEncoding(column, false).withStatisticsEnabled(column, false));
    return builder;
  }

  @Override
  public void initialize(ParquetProperties all) {
    properties = all;
    others.initialize(all);
  }

  @Override
  public ValuesWriter newValuesWriter(ColumnDescriptor column) {
    String name = column.getPath()[0];
    if (CONSTANT.contains(name)) {
      return new ConstantValuesWriter();
    }
    return ASCENDING.contains(name)
        ? new DeltaBinaryPackingValuesWriterForLong(
            INITIAL_SLAB_BYTES, properties.getPageSizeThreshold(), properties.getAllocator())
        : others.newValuesWriter(column);
  }
}
