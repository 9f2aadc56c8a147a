package elt.maintain;

import elt.ledger.LedgerKeys;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.util.PropertyUtil;

/** Many small manifests become few: planning a query reads them all. */
final class Manifests {
  /** Appends merge at 100; fewer than these cost nobody anything. */
  private static final int MANY = 20;

  private Manifests() {}

  static void run(Upkeep upkeep) {
    Table table = upkeep.table();
    table.refresh();
    List<ManifestFile> small = small(table);
    if (small.size() < MANY) {
      return;
    }
    long bytes = small.stream().mapToLong(ManifestFile::length).sum();
    if (!upkeep.isPlanOnly()) {
      table
          .rewriteManifests()
          .clusterBy(file -> 0)
          .rewriteIf(manifest -> isSmall(table, manifest))
          .set(LedgerKeys.MAINTAINED_BY, upkeep.spec().runId())
          .commit();
      table.refresh();
    }
    long left = upkeep.isPlanOnly() ? Math.max(1, bytes / target(table)) : small(table).size();
    upkeep.tell(
        "manifests",
        Map.of("manifests", small.size(), "bytes", bytes, "left", left),
        "%d small manifests (%s) merged into %s%d"
            .formatted(small.size(), Upkeep.size(bytes), upkeep.isPlanOnly() ? "about " : "", left));
  }

  private static List<ManifestFile> small(Table table) {
    Snapshot current = table.currentSnapshot();
    return current == null
        ? List.of()
        : current.dataManifests(table.io()).stream().filter(manifest -> isSmall(table, manifest)).toList();
  }

  private static boolean isSmall(Table table, ManifestFile manifest) {
    return manifest.content() == ManifestContent.DATA && manifest.length() < target(table) / 2;
  }

  private static long target(Table table) {
    return PropertyUtil.propertyAsLong(
        table.properties(),
        TableProperties.MANIFEST_TARGET_SIZE_BYTES,
        TableProperties.MANIFEST_TARGET_SIZE_BYTES_DEFAULT);
  }
}
