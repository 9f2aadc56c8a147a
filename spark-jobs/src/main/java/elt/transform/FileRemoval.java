package elt.transform;

import java.util.List;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.SupportsBulkOperations;

/** Deletes data files that no commit refers to or will ever refer to. */
final class FileRemoval {
  private FileRemoval() {}

  /** As well as it can: a file that nobody refers to does no harm but take room, until maintenance removes orphans. */
  static void delete(Table table, List<DataFile> files) {
    List<String> locations = files.stream().map(ContentFile::location).toList();
    try {
      if (table.io() instanceof SupportsBulkOperations bulk) {
        bulk.deleteFiles(locations);
      } else {
        locations.forEach(table.io()::deleteFile);
      }
    } catch (RuntimeException e) {
      System.err.println("Some of %d files of %s stay as orphans: %s".formatted(locations.size(), table.name(), e));
    }
  }
}
