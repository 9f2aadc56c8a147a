package elt.transform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;

/** What lies in a table's folder. */
final class TestFiles {
  private TestFiles() {}

  /** Data files that no snapshot of the table refers to. */
  static List<String> orphans(Catalog catalog, String name) {
    Table table = catalog.loadTable(TableIdentifier.parse(name));
    table.refresh();
    Set<String> known = new TreeSet<>();
    for (Snapshot snapshot : table.snapshots()) {
      try (CloseableIterable<FileScanTask> tasks = table.newScan().useSnapshot(snapshot.snapshotId()).planFiles()) {
        tasks.forEach(task -> known.add(Path.of(task.file().location()).getFileName().toString()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return dataFiles(table).stream().filter(file -> !known.contains(file)).toList();
  }

  private static List<String> dataFiles(Table table) {
    Path folder = Path.of(table.location().replaceFirst("^file:", ""), "data");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(file -> file.getFileName().toString()).filter(file -> file.endsWith(".parquet")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
