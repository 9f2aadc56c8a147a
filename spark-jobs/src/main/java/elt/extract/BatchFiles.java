package elt.extract;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * Deletes the files of a batch that no commit refers to or ever will. As well as it can: what it misses
 * does no harm but take room, and is left to the table's maintenance (orphan files).
 */
final class BatchFiles {
  private BatchFiles() {}

  static void delete(Table table, List<DataFile> files) {
    files.forEach(file -> delete(table, file.location()));
  }

  /**
   * Also finds files that the driver never heard of: a task that ends just as its job is cancelled has
   * nobody to tell. The batch's id is in the name of each of its files.
   */
  static void sweep(Table table, String batchId, long ingestedAt, List<DataFile> known) {
    delete(table, known);
    if (table.io() instanceof SupportsPrefixOperations io) {
      try {
        String marker = "x";
        String inHour =
            table
                .locationProvider()
                .newDataLocation(table.spec(), RawFile.hour(table, ingestedAt), marker);
        String hour = inHour.substring(0, inHour.length() - marker.length());
        for (FileInfo file : io.listPrefix(hour)) {
          if (file.location().contains(batchId)) {
            delete(table, file.location());
          }
        }
      } catch (RuntimeException unreachable) {
        // Or no file at all: then some file systems have no folder to list.
      }
    }
  }

  private static void delete(Table table, String location) {
    try {
      table.io().deleteFile(location);
    } catch (RuntimeException ignored) {
      // See above.
    }
  }
}
