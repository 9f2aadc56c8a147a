package elt.extract;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.shaded.org.apache.parquet.column.ParquetProperties;
import org.apache.iceberg.shaded.org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.iceberg.shaded.org.apache.parquet.schema.MessageType;
import org.apache.iceberg.util.PropertyUtil;

/**
 * Writes records of one batch into one Parquet file, straight into the columns: no row objects, no dictionaries for bytes that
 * nobody repeats (see {@link RawColumns}). Snappy, format version 1 pages. Not safe for several threads.
 */
final class RawParquet {
  /**
   * Of tables that do not say otherwise. A row group stays in memory until it is full, one per task: four times smaller than
   * Iceberg's default, the collector copies less of it, its upload begins sooner, and TRANSFORM can cut files more evenly.
   */
  private static final int ROW_GROUP_BYTES = 32 << 20;

  /** What a row weighs beside its bytes when row groups are filled. */
  private static final long ROW_OVERHEAD_BYTES = 32;

  private final Table table;
  private final OutputFile output;
  private final String topicId;
  private final long ingestedAt;
  private final MessageType schema;
  private final ParquetProperties properties;
  private final long rowGroupBytes;
  private final SnappyPages compressor = new SnappyPages();
  private ParquetFileWriter file;
  private ColumnChunkPageWriteStore pages;
  private List<RawColumn> columns;
  private long rows;
  private long bytes;
  private boolean isClosed;

  RawParquet(Table table, OutputFile output, String topicId, long ingestedAt) {
    this.table = table;
    this.output = output;
    this.topicId = topicId;
    this.ingestedAt = ingestedAt;
    this.schema = ParquetSchemaUtil.convert(table.schema(), "table");
    int pageBytes = property(TableProperties.PARQUET_PAGE_SIZE_BYTES, TableProperties.PARQUET_PAGE_SIZE_BYTES_DEFAULT);
    this.rowGroupBytes = property(TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, ROW_GROUP_BYTES);
    this.properties =
        ParquetProperties.builder()
            .withWriterVersion(WriterVersion.PARQUET_1_0)
            .withPageSize(pageBytes)
            .withPageRowCountLimit(
                property(TableProperties.PARQUET_PAGE_ROW_LIMIT, TableProperties.PARQUET_PAGE_ROW_LIMIT_DEFAULT))
            .build();
    startRowGroup();
  }

  void write(RecordBlock block) throws IOException {
    for (RawColumn column : columns) {
      column.write(block);
    }
    rows += block.rows();
    bytes += block.bytes() + block.rows() * ROW_OVERHEAD_BYTES;
    if (bytes >= rowGroupBytes) {
      flushRowGroup();
      startRowGroup();
    }
  }

  /** Finishes the file; the second time it does nothing. */
  void close() throws IOException {
    if (isClosed) {
      return;
    }
    isClosed = true;
    flushRowGroup();
    if (file != null) {
      file.end(Map.of("iceberg.schema", SchemaParser.toJson(table.schema())));
    }
  }

  /** Of the finished file. */
  long length() throws IOException {
    return file.getPos();
  }

  Metrics metrics() {
    return ParquetUtil.footerMetrics(footer(), Stream.empty(), MetricsConfig.forTable(table));
  }

  List<Long> splitOffsets() {
    return ParquetUtil.getSplitOffsets(footer());
  }

  private ParquetMetadata footer() {
    return file.getFooter();
  }

  private void startRowGroup() {
    pages =
        new ColumnChunkPageWriteStore(
            compressor, schema, properties.getAllocator(), properties.getColumnIndexTruncateLength());
    columns = RawColumns.of(schema, pages, properties, topicId, ingestedAt);
    rows = 0;
    bytes = 0;
  }

  private void flushRowGroup() throws IOException {
    if (rows > 0) {
      if (file == null) {
        file = new ParquetFileWriter(
            new ParquetOutput(output), schema, ParquetFileWriter.Mode.OVERWRITE, rowGroupBytes, 0, null, properties);
        file.start();
      }
      file.startBlock(rows);
      for (RawColumn column : columns) {
        column.finish();
      }
      pages.flushToFileWriter(file);
      file.endBlock();
    }
    columns.forEach(RawColumn::close);
    rows = 0;
  }

  private int property(String name, int otherwise) {
    return PropertyUtil.propertyAsInt(table.properties(), name, otherwise);
  }
}
