package elt.extract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import elt.LocalSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.spark.sql.Row;

/** A RAW table as a test looks at it. */
final class RawRows {
  private final String name;

  RawRows(String topic) {
    this.name = "raw." + topic;
  }

  Table table() {
    Table table = ExtractRun.CATALOG.loadTable(TableIdentifier.parse(name));
    table.refresh();
    return table;
  }

  List<Row> sql(String afterFrom) {
    table();
    LocalSpark.session().sql("REFRESH TABLE lakehouse." + name);
    return LocalSpark.session().sql("SELECT * FROM lakehouse." + name + " " + afterFrom).collectAsList();
  }

  long count(String expression) {
    LocalSpark.session().sql("REFRESH TABLE lakehouse." + name);
    return LocalSpark.session()
        .sql("SELECT " + expression + " FROM lakehouse." + name)
        .collectAsList()
        .get(0)
        .getLong(0);
  }

  /** Every row has its own topic id, partition and offset. */
  void assertNothingTwice() {
    assertEquals(
        count("count(*)"), count("count(DISTINCT kafka_topic_id, kafka_partition, kafka_offset)"), "rows twice");
  }

  /** The folder holds the files the table refers to and no others. */
  void assertNoOrphans() {
    TreeSet<String> referred = new TreeSet<>();
    try (CloseableIterable<FileScanTask> tasks = table().newScan().planFiles()) {
      tasks.forEach(task -> referred.add(Path.of(task.file().location()).getFileName().toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertEquals(referred, new TreeSet<>(parquetFiles()));
  }

  private List<String> parquetFiles() {
    Path data = Path.of(table().location().replaceFirst("^file:", "")).resolve("data");
    if (!Files.exists(data)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(data)) {
      return files.map(path -> path.getFileName().toString()).filter(path -> path.endsWith(".parquet")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The summaries of the ledger's entries, oldest first. */
  List<Map<String, String>> summaries() {
    List<Map<String, String>> all =
        java.util.stream.StreamSupport.stream(table().snapshots().spliterator(), false)
            .map(Snapshot::summary)
            .collect(Collectors.toList());
    return all.stream().filter(summary -> summary.containsKey("elt.position")).toList();
  }

  /** The summaries of entries that are not mere claims: rows, or a moved position. */
  List<Map<String, String>> moves() {
    return summaries().stream()
        .filter(summary -> !summary.get("elt.position").equals(summary.get("elt.start-position")))
        .toList();
  }
}
