package elt.maintain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ReachableFileUtil;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;

/** Every file that a table refers to, in any snapshot that is still there. */
final class ReferencedFiles {
  private ReferencedFiles() {}

  /** Names them all to {@code each}, some several times; an exception means that some were not named. */
  static void of(Table table, Consumer<String> each) {
    TableMetadata metadata = ((HasTableOperations) table).operations().current();
    ReachableFileUtil.metadataFileLocations(table, false).forEach(each);
    each.accept(metadata.metadataFileLocation());
    metadata.previousFiles().forEach(file -> each.accept(file.file()));
    ReachableFileUtil.manifestListLocations(table).forEach(each);
    ReachableFileUtil.statisticsFilesLocations(table).forEach(each);
    metadata.partitionStatisticsFiles().forEach(file -> each.accept(file.path()));
    Set<String> seen = new HashSet<>();
    for (Snapshot snapshot : table.snapshots()) {
      for (ManifestFile manifest : snapshot.allManifests(table.io())) {
        if (seen.add(manifest.path())) {
          each.accept(manifest.path());
          content(table, manifest, each);
        }
      }
    }
  }

  private static void content(Table table, ManifestFile manifest, Consumer<String> each) {
    try (CloseableIterable<? extends ContentFile<?>> files =
        manifest.content() == ManifestContent.DATA
            ? ManifestFiles.read(manifest, table.io(), table.specs())
            : ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
      files.forEach(file -> each.accept(file.location()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
