package elt.extract;

import java.io.IOException;
import org.apache.iceberg.shaded.org.apache.parquet.bytes.BytesInput;
import org.apache.iceberg.shaded.org.apache.parquet.column.ColumnDescriptor;
import org.apache.iceberg.shaded.org.apache.parquet.column.Encoding;
import org.apache.iceberg.shaded.org.apache.parquet.column.ParquetProperties;
import org.apache.iceberg.shaded.org.apache.parquet.column.page.DictionaryPage;
import org.apache.iceberg.shaded.org.apache.parquet.column.page.PageWriteStore;
import org.apache.iceberg.shaded.org.apache.parquet.column.page.PageWriter;
import org.apache.iceberg.shaded.org.apache.parquet.column.statistics.Statistics;
import org.apache.iceberg.shaded.org.apache.parquet.column.values.ValuesWriter;

/**
 * One leaf column of a row group: takes blocks of records and makes version 1 pages of them. What the values are is the
 * subclass's, a values writer encodes them, and Parquet's own classes write the pages.
 */
abstract class RawColumn {
  /** Highest definition level: that of a value that is there. */
  final int present;

  final Levels repetition;
  final Levels definition;

  private final ColumnDescriptor descriptor;
  private final boolean hasStatistics;
  private final ValuesWriter values;
  private final PageWriter pages;
  private final int pageBytes;
  private final int pageRows;
  private Statistics<?> statistics;
  private int rows;

  /**
   * @param values encodes what {@link #append} hands it
   * @param hasStatistics whether readers see minimum, maximum and the number of nulls
   */
  RawColumn(
      ColumnDescriptor descriptor,
      PageWriteStore pages,
      ParquetProperties properties,
      ValuesWriter values,
      boolean hasStatistics) {
    this.descriptor = descriptor;
    this.pages = pages.getPageWriter(descriptor);
    this.values = values;
    this.hasStatistics = hasStatistics;
    this.present = descriptor.getMaxDefinitionLevel();
    this.repetition = new Levels(descriptor.getMaxRepetitionLevel(), properties);
    this.definition = new Levels(present, properties);
    this.pageBytes = properties.getPageSizeThreshold();
    this.pageRows = properties.getPageRowCountLimit();
    this.statistics = newStatistics();
  }

  /** Adds the block's values and levels to the page. */
  abstract void append(RecordBlock block) throws IOException;

  final void write(RecordBlock block) throws IOException {
    append(block);
    rows += block.rows();
    if (rows >= pageRows || values.getBufferedSize() >= pageBytes) {
      writePage();
    }
  }

  /** Writes what is left; nothing comes after it. */
  final void finish() throws IOException {
    if (rows > 0) {
      writePage();
    }
    DictionaryPage dictionary = values.toDictPageAndClose();
    if (dictionary != null) {
      pages.writeDictionaryPage(dictionary);
    }
    values.resetDictionary();
  }

  /** Gives memory back, finished or not. */
  final void close() {
    repetition.close();
    definition.close();
    values.close();
  }

  /** Of the page; for {@link #append}. */
  final Statistics<?> statistics() {
    return statistics;
  }

  /** {@code count} rows of a column that is not nested deeper have a value. */
  final void addPresent(int count) throws IOException {
    repetition.append(0, count);
    definition.append(present, count);
  }

  /** {@code count} rows have none, at the outermost level. */
  final void addNulls(int count) throws IOException {
    repetition.append(0, count);
    definition.append(0, count);
    statistics.incrementNumNulls(count);
  }

  private void writePage() throws IOException {
    pages.writePage(
        BytesInput.concat(repetition.bytes(), definition.bytes(), values.getBytes()),
        definition.count(),
        rows,
        statistics,
        Encoding.RLE,
        Encoding.RLE,
        values.getEncoding());
    repetition.reset();
    definition.reset();
    values.reset();
    statistics = newStatistics();
    rows = 0;
  }

  private Statistics<?> newStatistics() {
    return hasStatistics
        ? Statistics.createStats(descriptor.getPrimitiveType())
        : Statistics.noopStats(descriptor.getPrimitiveType());
  }
}
