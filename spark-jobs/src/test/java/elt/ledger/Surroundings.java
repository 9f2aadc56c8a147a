package elt.ledger;

import static elt.ledger.LedgerModel.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ExpireSnapshots.CleanupLevel;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Table;

/** People and maintenance that know nothing of the ledger: what they do to the table, at random. */
final class Surroundings {
  private final TestLakehouse lakehouse;
  private final LedgerModel model;
  private final Random random;
  private final List<String> story;
  private final Map<String, Set<String>> groupsOfFile = new LinkedHashMap<>();
  private int names;

  Surroundings(TestLakehouse lakehouse, LedgerModel model, Random random, List<String> story) {
    this.lakehouse = lakehouse;
    this.model = model;
    this.random = random;
    this.story = story;
  }

  /** A writer has written the rows of one group into a file. */
  void wrote(DataFile file, String group) {
    groupsOfFile.put(file.location(), Set.of(group));
  }

  /** Whose rows a file holds. */
  Set<String> groupsOf(String file) {
    return groupsOfFile.get(file);
  }

  /** The table's files in the order they were written: Iceberg plans in parallel, and a seed must repeat its history. */
  private List<DataFile> dataFiles(Table table) {
    List<String> written = List.copyOf(groupsOfFile.keySet());
    List<DataFile> files = new ArrayList<>(TestLakehouse.dataFiles(table));
    files.sort(Comparator.comparing(file -> written.indexOf(file.location())));
    return files;
  }

  void foreignAppend() {
    String name = "foreign-" + ++names;
    DataFile file = TestLakehouse.file(name, 1 + random.nextInt(3));
    groupsOfFile.put(file.location(), Set.of(name));
    Table table = lakehouse.load();
    table.newAppend().appendFile(file).commit();
    story.add("foreign append " + name);
    Set<String> groups = new HashSet<>(model.now().groups());
    groups.add(name);
    model.foreignChange(table.currentSnapshot().snapshotId(), groups, false);
  }

  void foreignDelete() {
    Table table = lakehouse.load();
    List<DataFile> files = dataFiles(table);
    if (files.isEmpty() || hasProofExpired(table)) {
      return;
    }
    DataFile file = files.get(random.nextInt(files.size()));
    table.newDelete().deleteFile(file).commit();
    story.add("foreign delete " + groupsOfFile.get(file.location()));
    Set<String> groups = new HashSet<>(model.now().groups());
    groups.removeAll(groupsOfFile.get(file.location()));
    model.foreignChange(table.currentSnapshot().snapshotId(), groups, true);
  }

  void compact() {
    Table table = lakehouse.load();
    List<DataFile> files = dataFiles(table);
    if (files.size() < 2) {
      return;
    }
    Set<DataFile> old = Set.copyOf(files.subList(0, 2 + random.nextInt(files.size() - 1)));
    Set<String> groups = new HashSet<>();
    old.forEach(file -> groups.addAll(groupsOfFile.get(file.location())));
    DataFile merged =
        TestLakehouse.file("compacted-" + ++names, old.stream().mapToLong(DataFile::recordCount).sum());
    groupsOfFile.put(merged.location(), groups);
    RewriteFiles rewrite = table.newRewrite().validateFromSnapshot(table.currentSnapshot().snapshotId());
    old.forEach(rewrite::deleteFile);
    rewrite.addFile(merged).commit();
    story.add("compact " + old.size() + " files");
    model.foreignChange(table.currentSnapshot().snapshotId(), model.now().groups(), false);
  }

  /** Expiry must not eat the proof of what is wrong before anybody has looked: that is a known limit, see {@link Ledger}. */
  void expire() {
    Table table = lakehouse.load();
    if (table.currentSnapshot() == null || !model.stops().isEmpty() || model.now().hasForeignDeletes()) {
      return;
    }
    int retained = 1 + random.nextInt(3);
    table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(retained).cleanupLevel(CleanupLevel.NONE).commit();
    story.add("expire all but " + retained);
  }

  /** Whether fewer rows than mirrored are all that is left to judge by: then a deletion looks like a rollback, see {@link Ledger}. */
  private static boolean hasProofExpired(Table table) {
    Ledger ledger = Ledger.of(table);
    List<Ancestor> ancestors = ledger.ancestors();
    boolean isMirrored = ledger.properties().containsKey(LedgerKeys.POSITION);
    if (ancestors.isEmpty() || !isMirrored || ledger.entries().findAny().isPresent()) {
      return false;
    }
    Long parent = ancestors.get(ancestors.size() - 1).parentId();
    return !Objects.equals(parent, LedgerCodec.mirrored(ledger.properties()).snapshotId());
  }

  void rollTo() {
    Table table = lakehouse.load();
    List<Long> ids = new ArrayList<>();
    table.snapshots().forEach(snapshot -> ids.add(snapshot.snapshotId()));
    if (ids.isEmpty()) {
      return;
    }
    long id = ids.get(random.nextInt(ids.size()));
    check(model.snapshots().contains(id), "snapshot " + id + " was made behind the model's back");
    if (table.currentSnapshot() != null && table.currentSnapshot().snapshotId() == id) {
      return;
    }
    table.manageSnapshots().setCurrentSnapshot(id).commit();
    story.add("roll to " + id);
    model.rolledTo(id);
  }

  void replaceTable() {
    lakehouse.replace();
    story.add("create or replace");
    model.replaced();
  }
}
