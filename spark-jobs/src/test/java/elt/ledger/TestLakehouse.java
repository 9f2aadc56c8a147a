package elt.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;

/** One table in a real Iceberg catalog. Its data files exist as metadata only: the ledger never opens them. */
class TestLakehouse {
  static final Schema SCHEMA = new Schema(Types.NestedField.optional(1, "id", Types.LongType.get()));
  static final TableDeclaration DECLARED =
      new TableDeclaration(
          SCHEMA,
          PartitionSpec.unpartitioned(),
          "numbers/extract",
          List.of("id"),
          // Lost races are common in the model test: do not sleep over them.
          Map.of("commit.retry.min-wait-ms", "1", "commit.retry.max-wait-ms", "1"));

  final Catalog catalog;
  final TableIdentifier name;

  TestLakehouse(Catalog catalog, TableIdentifier name) {
    this.catalog = catalog;
    this.name = name;
  }

  /** RAW, created on first use; a fresh object each time, as another process would have. */
  Table table() {
    return LakehouseTable.open(catalog, name.toString(), DECLARED);
  }

  /** RAW as it is, without a look at the declaration. */
  Table load() {
    return catalog.loadTable(name);
  }

  /** CREATE OR REPLACE TABLE. */
  void replace() {
    catalog
        .buildTable(name, SCHEMA)
        .withProperties(DECLARED.allProperties())
        .replaceTransaction()
        .commitTransaction();
  }

  static Writer writer(String runId) {
    return new Writer(runId, "numbers", "extract");
  }

  static DataFile file(String path, long rows) {
    return DataFiles.builder(PartitionSpec.unpartitioned())
        .withPath("memory/" + path + ".parquet")
        .withFileSizeInBytes(rows * 10)
        .withRecordCount(rows)
        .build();
  }

  /** A batch of {@code rows} rows of partition 0 in one file (none for no rows), following {@code expected}. */
  static Batch batch(LedgerEntry expected, long rows) {
    String commitId = Batch.newCommitId();
    Position position =
        expected.position().isEmpty()
            ? Position.EMPTY.startGeneration("topic-a", Map.of(0, rows))
            : expected.position().advance(
                Map.of(0, expected.position().open().orElseThrow().next(0).orElseThrow() + rows));
    return new Batch(
        commitId,
        rows == 0 ? List.of() : List.of(file(commitId, rows)),
        position,
        CommitClock.next(expected.ingestedAt()),
        rows,
        Map.of(),
        Map.of());
  }

  /** The data files a reader of the current snapshot sees. */
  static TreeSet<String> files(Table table) {
    table.refresh();
    TreeSet<String> paths = new TreeSet<>();
    for (DataFile file : dataFiles(table)) {
      if (!paths.add(file.location())) {
        throw new AssertionError(file.location() + " is in the table twice");
      }
    }
    return paths;
  }

  static List<DataFile> dataFiles(Table table) {
    List<DataFile> files = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(task -> files.add(task.file()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }
}
