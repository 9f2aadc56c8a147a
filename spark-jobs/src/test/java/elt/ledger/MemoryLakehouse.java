package elt.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;

/** A real Iceberg catalog in memory. Data files exist as metadata only: the ledger never opens them. */
final class MemoryLakehouse {
  static final TableIdentifier RAW = TableIdentifier.of("raw", "numbers");
  static final Schema SCHEMA = new Schema(Types.NestedField.optional(1, "id", Types.LongType.get()));
  static final TableDeclaration DECLARED =
      new TableDeclaration(
          SCHEMA,
          PartitionSpec.unpartitioned(),
          "numbers/extract",
          List.of("id"),
          // Lost races are common in the model test: do not sleep over them.
          Map.of("commit.retry.min-wait-ms", "1", "commit.retry.max-wait-ms", "1"));

  final InMemoryCatalog catalog = new InMemoryCatalog();

  private final String warehouse = "memory-" + UUID.randomUUID();

  MemoryLakehouse() {
    catalog.initialize("lakehouse", Map.of("warehouse", warehouse));
  }

  /** Frees the memory: Iceberg keeps the files of all in-memory catalogs in one static map, for ever. */
  void forgetFiles() {
    try {
      Field files = InMemoryFileIO.class.getDeclaredField("IN_MEMORY_FILES");
      files.setAccessible(true);
      ((Map<?, ?>) files.get(null)).keySet().removeIf(location -> location.toString().startsWith(warehouse));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** RAW, created on first use; a fresh object each time, as another process would have. */
  Table table() {
    return LakehouseTable.open(catalog, RAW.toString(), DECLARED);
  }

  /** RAW as it is, without a look at the declaration. */
  Table load() {
    return catalog.loadTable(RAW);
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
