package elt.maintain;

import static elt.maintain.MaintainRun.load;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.driver.MaintainSpec.Role;
import elt.driver.RunState;
import elt.ledger.Batch;
import elt.ledger.CommitClock;
import elt.ledger.CommitOutcome.Committed;
import elt.ledger.Ledger;
import elt.ledger.LedgerEntry;
import elt.ledger.LedgeredAppend;
import elt.ledger.Writer;
import elt.transform.TestRaw;
import elt.transform.TestRaw.Sent;
import elt.transform.TestRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.Test;

class MaintainDriverTest {
  private static final long HOUR = 3_600_000_000L;

  /** Three records each, so many times, in an hour that was over so many hours ago. */
  private static void commits(TestRaw raw, int commits, int hoursAgo) {
    long hour = (CommitClock.next(null) / HOUR - hoursAgo) * HOUR;
    for (int i = 0; i < commits; i++) {
      Long before = raw.newest().ingestedAt();
      long clock = before != null && before >= hour ? before + 1 : hour;
      raw.commit(List.of(Sent.text("1"), Sent.text("x"), Sent.at(-1, "2")), 1, clock);
    }
  }

  private static TestRaw raw(String name) {
    return new TestRaw(TestRun.CATALOG, name);
  }

  /** Data files by hours since 1970. */
  private static Map<Integer, Integer> filesByPartition(Table table) throws Exception {
    table.refresh();
    Map<Integer, Integer> files = new TreeMap<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(task -> files.merge(task.file().partition().get(0, Integer.class), 1, Integer::sum));
    }
    return files;
  }

  private static List<String> rows(String table) {
    return TestRun.rows(table).toJSON().collectAsList().stream().sorted().toList();
  }

  private static List<Long> snapshots(Table table) {
    table.refresh();
    List<Long> ids = new ArrayList<>();
    table.snapshots().forEach(snapshot -> ids.add(snapshot.snapshotId()));
    return ids;
  }

  private static String metadataLocation(Table table) {
    return ((HasTableOperations) table).operations().refresh().metadataFileLocation();
  }

  @Test
  void hoursThatAreOverAreCompactedAndNothingElseChanges() throws Exception {
    TestRaw raw = raw("raw.compact");
    commits(raw, 4, 5);
    commits(raw, 1, 4);
    commits(raw, 3, 3);
    commits(raw, 3, 2);
    List<String> before = rows("raw.compact");
    LedgerEntry newest = raw.newest();
    MaintainRun run = new MaintainRun().on("raw.compact", Role.RAW, null, null);

    assertEquals(RunState.SUCCEEDED, run.run());

    // The hour that the clock stands in may get more rows.
    assertEquals(List.of(1, 1, 1, 3), List.copyOf(filesByPartition(raw.table()).values()));
    assertEquals(7, run.step("compact").get("files").asInt());
    assertEquals(before, rows("raw.compact"));
    assertEquals(newest, Ledger.of(raw.table()).newest().orElseThrow());
    Snapshot current = raw.table().currentSnapshot();
    assertEquals("replace", current.operation());
    assertNull(current.summary().get("elt.position"));
    assertNotNull(current.summary().get("elt.maintained-by"));
    assertEquals(3, raw.commit(List.of(Sent.text("1"), Sent.text("2"), Sent.text("3")), 1).rows(), "nobody was fenced");
    MaintainRun again = new MaintainRun().on("raw.compact", Role.RAW, null, null);
    again.run();
    assertEquals(3, again.step("compact").get("files").asInt(), "only the hour that was not over then");
  }

  @Test
  void silverAndRejectsAreCompactedByDayAndTransformGoesOn() throws Exception {
    TestRun first = new TestRun("maintained_days");
    TestRaw raw = raw(first.raw());
    long yesterday = System.currentTimeMillis() - 86_400_000;
    for (int i = 0; i < 4; i++) {
      raw.commit(List.of(Sent.at(yesterday, "" + i), Sent.text("" + i), Sent.text("x")), 1);
      assertEquals(RunState.SUCCEEDED, new TestRun(first.name).run());
    }
    List<String> before = rows(first.silver());
    MaintainRun run =
        new MaintainRun()
            .verified(first.raw(), Role.RAW, first.silver())
            .verified(first.silver(), Role.SILVER)
            .verified(first.rejects(), Role.REJECTS);
    Thread.sleep(5);
    assertEquals(RunState.SUCCEEDED, run.run());
    assertEquals(List.of(1, 4), List.copyOf(filesByPartition(load(first.silver())).values()));
    assertEquals(before, rows(first.silver()));
    raw.commit(List.of(Sent.text("9"), Sent.text("x")), 1);
    TestRun last = new TestRun(first.name);
    assertEquals(RunState.SUCCEEDED, last.run());
    assertEquals(9, last.count(first.silver()));
    assertEquals(5, last.count(first.rejects()));
  }

  @Test
  void onlyWhatIsVerifiedAndReadExpires() throws Exception {
    TestRun reader = new TestRun("expire");
    TestRaw raw = raw(reader.raw());
    commits(raw, 2, 1);
    assertEquals(RunState.SUCCEEDED, reader.run());
    long read = raw.newest().snapshotId();
    commits(raw, 2, 1);
    Table table = raw.table();
    List<Long> all = snapshots(table);
    Thread.sleep(5);

    new MaintainRun().on(reader.raw(), Role.RAW, null, null, reader.silver()).run();
    assertEquals(all.size(), countOf(table, all), "without a baseline");
    new MaintainRun().on(reader.raw(), Role.RAW, current(table), "a check fails", reader.silver()).run();
    assertEquals(all.size(), countOf(table, all), "on hold");
    MaintainRun recent = new MaintainRun().verified(reader.raw(), Role.RAW, reader.silver());
    recent.keepSnapshotsMs = 3_600_000;
    recent.run();
    assertEquals(all.size(), countOf(table, all), "readers may have begun");
    new MaintainRun().on(reader.raw(), Role.RAW, all.get(1), null, reader.silver()).run();
    assertEquals(all.subList(1, all.size()), snapshots(table).subList(0, all.size() - 1), "from the baseline on");

    MaintainRun verified = new MaintainRun().verified(reader.raw(), Role.RAW, reader.silver());
    verified.run();
    assertEquals(read, snapshots(table).get(0), "what SILVER has not read stays, and where it stands");
    assertEquals(1, verified.step("expire").get("snapshots").asInt());
    assertEquals(RunState.SUCCEEDED, new TestRun(reader.name).run());
    Thread.sleep(5);
    new MaintainRun().verified(reader.raw(), Role.RAW, reader.silver()).run();
    assertEquals(raw.newest().snapshotId(), snapshots(table).get(0), "the newest entry stays");
    assertEquals(12, TestRun.rows(reader.raw()).count());
    assertEquals(raw.newest(), Ledger.of(load(reader.raw())).newest().orElseThrow());
  }

  private static long countOf(Table table, List<Long> ids) {
    return snapshots(table).stream().filter(ids::contains).count();
  }

  private static long current(Table table) {
    table.refresh();
    return table.currentSnapshot().snapshotId();
  }

  @Test
  void aSilverInItsFirstBatchNeedsAllOfRaw() throws Exception {
    TestRaw raw = raw("raw.first_batch");
    commits(raw, 3, 1);
    TestRun later = new TestRun("first_batch");
    TestRun.SPARK.sql("CREATE TABLE lakehouse.silver.first_batch (x INT) USING iceberg");
    List<Long> all = snapshots(raw.table());
    Thread.sleep(5);
    new MaintainRun().verified(later.raw(), Role.RAW, later.silver()).run();
    assertEquals(all.size(), countOf(raw.table(), all));
    new MaintainRun().verified(later.raw(), Role.RAW, "silver.not_there").run();
    assertEquals(1, countOf(raw.table(), all), "a SILVER that is not there reads nothing");
  }

  @Test
  void aPlanChangesNothing() throws Exception {
    TestRaw raw = raw("raw.plan");
    commits(raw, 25, 3);
    commits(raw, 1, 1);
    raw.table().updateProperties().remove("write.metadata.compression-codec").commit();
    String metadata = metadataLocation(raw.table());
    Thread.sleep(5);
    MaintainRun plan = new MaintainRun().verified("raw.plan", Role.RAW);
    plan.planOnly = true;
    assertEquals(RunState.SUCCEEDED, plan.run());
    assertEquals(metadata, metadataLocation(raw.table()));
    assertEquals(25, plan.step("compact").get("files").asInt());
    assertEquals(26, plan.step("expire").get("snapshots").asInt());
    assertEquals(26, plan.step("manifests").get("manifests").asInt());
    assertEquals("gzip", plan.step("metadata").at("/properties/write.metadata.compression-codec").asText());
    assertTrue(!plan.step("expire").get("done").asBoolean());
  }

  @Test
  void manifestsAndMetadataAreKeptSmall() throws Exception {
    TestRaw raw = raw("raw.manifests");
    commits(raw, 25, 1);
    raw.table().updateProperties().remove("write.metadata.delete-after-commit.enabled").commit();
    MaintainRun run = new MaintainRun().verified("raw.manifests", Role.RAW);
    List<String> before = rows("raw.manifests");
    run.run();
    Table table = load("raw.manifests");
    assertEquals(1, table.currentSnapshot().dataManifests(table.io()).size());
    assertEquals("true", table.properties().get("write.metadata.delete-after-commit.enabled"));
    assertEquals(before, rows("raw.manifests"));
  }

  @Test
  void aTableOfAnotherPipelineIsLeftAlone() {
    TestRun.SPARK.sql("CREATE TABLE lakehouse.silver.foreign_owner (x INT) USING iceberg TBLPROPERTIES ('elt.owner'='other/transform')");
    MaintainRun run = new MaintainRun().on("silver.foreign_owner", Role.SILVER, 1L, null);
    assertEquals(RunState.SUCCEEDED, run.run());
    assertTrue(run.step("table").get("text").asText().contains("other/transform"));
  }

  @Test
  void stopEndsItBetweenSteps() {
    TestRaw raw = raw("raw.stopped");
    commits(raw, 5, 3);
    String metadata = metadataLocation(raw.table());
    MaintainRun run = new MaintainRun().verified("raw.stopped", Role.RAW);
    run.stop.request();
    assertEquals(RunState.STOPPED, run.run());
    assertEquals(metadata, metadataLocation(raw.table()));
  }

  /** A writer goes on, two maintenance runs work on the same table: nothing is lost, doubled or fenced. */
  @Test
  void twoAtOnceUnderAWriterDoNoHarm() throws Exception {
    TestRaw raw = raw("raw.two_at_once");
    commits(raw, 30, 3);
    AtomicBoolean isOver = new AtomicBoolean();
    CompletableFuture<Integer> writing =
        CompletableFuture.supplyAsync(
            () -> {
              int commits = 0;
              while (!isOver.get() || commits < 5) {
                raw.commit(List.of(Sent.text("1"), Sent.text("2"), Sent.text("3")), 1);
                commits++;
              }
              return commits;
            });
    List<CompletableFuture<RunState>> runs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      runs.add(CompletableFuture.supplyAsync(() -> new MaintainRun().verified("raw.two_at_once", Role.RAW).run()));
    }
    for (CompletableFuture<RunState> run : runs) {
      assertEquals(RunState.SUCCEEDED, run.get());
    }
    isOver.set(true);
    int commits = 30 + writing.get();
    assertEquals(3L * commits, TestRun.rows("raw.two_at_once").count());
    assertEquals(3L * commits, TestRun.rows("raw.two_at_once").select("kafka_offset").distinct().count());
  }

  @Test
  void aWriterThatClaimedBeforeCommitsAfterwards() {
    TestRaw raw = raw("raw.claimed");
    commits(raw, 3, 3);
    commits(raw, 1, 1);
    LedgeredAppend append = new LedgeredAppend(load("raw.claimed"), new Writer("other", "numbers", "extract"));
    LedgerEntry claim = append.claim();
    new MaintainRun().verified("raw.claimed", Role.RAW).run();
    Batch batch =
        new Batch(
            Batch.newCommitId(), List.of(), claim.position(), CommitClock.next(claim.ingestedAt()), 0, Map.of(), Map.of());
    assertInstanceOf(Committed.class, append.commit(claim, batch));
  }
}
