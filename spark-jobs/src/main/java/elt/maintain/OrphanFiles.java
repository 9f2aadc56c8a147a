package elt.maintain;

import elt.driver.StopSignal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.apache.iceberg.io.SupportsPrefixOperations;

/** Files in the table's folder that nothing refers to: what killed drivers and unknown outcomes left behind. */
final class OrphanFiles {
  private static final int AT_A_TIME = 1_000;
  private static final int SHOWN = 20;

  /** What Iceberg and our drivers write; anything else is not ours to judge. */
  private static final Pattern OURS =
      Pattern.compile(
          "data/(?!(?:.*/)?(?:data|metadata)/).+\\.(?:parquet|orc|avro)"
              + "|metadata/[^/]+\\.(?:avro|stats|(?:gz\\.)?metadata\\.json|metadata\\.json\\.gz)");

  private final Upkeep upkeep;

  OrphanFiles(Upkeep upkeep) {
    this.upkeep = upkeep;
  }

  void run(StopSignal stop) {
    if (!(upkeep.table().io() instanceof SupportsPrefixOperations files)) {
      upkeep.leftOut("orphans", "no search for orphan files: " + upkeep.table().io().getClass().getName() + " cannot list");
      return;
    }
    // Listed before the table is read: what is committed in between is referred to, not listed.
    Listing listing = list(files);
    upkeep.table().refresh();
    Map<Path, FileInfo> orphans = listing.old();
    ReferencedFiles.of(upkeep.table(), location -> orphans.remove(Path.of(location)));
    int removed = upkeep.isPlanOnly() ? orphans.size() : remove(List.copyOf(orphans.values()), stop);
    tell(orphans, removed, listing.young());
  }

  /**
   * A location without its scheme: s3, s3a and s3n are the same store, and so are {@code file:/x}, {@code file:///x} and
   * {@code /x}.
   */
  record Path(String text) {
    static Path of(String location) {
      int scheme = location.indexOf(":/");
      String text = scheme < 0 ? location : location.substring(scheme + 1);
      return new Path(text.replaceFirst("^/+", ""));
    }
  }

  private record Listing(Map<Path, FileInfo> old, long young) {}

  private Listing list(SupportsPrefixOperations files) {
    String folder = upkeep.table().location().replaceFirst("/+$", "") + "/";
    long before = oldBefore();
    int length = Path.of(folder).text().length();
    Map<Path, FileInfo> old = new HashMap<>();
    long young = 0;
    for (FileInfo file : files.listPrefix(folder)) {
      Path path = Path.of(file.location());
      if (!OURS.matcher(path.text().substring(length)).matches()) {
        continue;
      }
      if (file.createdAtMillis() < before) {
        old.put(path, file);
      } else {
        young++;
      }
    }
    return new Listing(old, young);
  }

  /** A full refresh has files in hand for as long as it takes; any other batch takes minutes. */
  private long oldBefore() {
    long before = System.currentTimeMillis() - upkeep.spec().orphanGraceMs();
    Long refreshSince = upkeep.target().refreshSinceMs();
    return refreshSince == null ? before : Math.min(before, refreshSince);
  }

  private int remove(List<FileInfo> orphans, StopSignal stop) {
    int removed = 0;
    for (int from = 0; from < orphans.size() && !stop.isRequested(); from += AT_A_TIME) {
      List<String> some =
          orphans.subList(from, Math.min(orphans.size(), from + AT_A_TIME)).stream().map(FileInfo::location).toList();
      removed += some.size() - failures(upkeep.table().io(), some);
    }
    return removed;
  }

  private static int failures(FileIO io, List<String> locations) {
    if (io instanceof SupportsBulkOperations bulk) {
      try {
        bulk.deleteFiles(locations);
        return 0;
      } catch (BulkDeletionFailureException some) {
        return some.numberFailedObjects();
      }
    }
    locations.forEach(io::deleteFile);
    return 0;
  }

  private void tell(Map<Path, FileInfo> orphans, int removed, long young) {
    long bytes = orphans.values().stream().mapToLong(FileInfo::size).sum();
    List<String> shown = new ArrayList<>(orphans.values().stream().map(FileInfo::location).sorted().limit(SHOWN).toList());
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("files", orphans.size());
    facts.put("bytes", bytes);
    facts.put("removed", upkeep.isPlanOnly() ? 0 : removed);
    facts.put("shown", shown);
    facts.put("tooYoungToJudge", young);
    String failed = removed == orphans.size() ? "" : "; %d could not be removed, the next run tries again".formatted(orphans.size() - removed);
    upkeep.tell(
        "orphans",
        facts,
        "%s (%s) that nothing refers to removed%s; %s too young to judge"
            .formatted(Upkeep.count(orphans.size(), "file"), Upkeep.size(bytes), failed, Upkeep.count(young, "file")));
  }
}
