package elt.maintain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.driver.MaintainSpec.Role;
import elt.driver.RunState;
import elt.ledger.CommitClock;
import elt.transform.TestRaw;
import elt.transform.TestRaw.Sent;
import elt.transform.TestRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.relocated.com.google.common.collect.Iterables;
import org.junit.jupiter.api.Test;

/**
 * A follow run commits for days, with maintenance every hour: at the end a commit costs as little as at the beginning. A week at a
 * commit every ten seconds takes {@code ELT_WEEK=1}; without it the hours are fewer and shorter.
 */
class MaintainedWeekTest {
  private static final boolean IS_WEEK = "1".equals(System.getenv("ELT_WEEK"));
  private static final int HOURS = IS_WEEK ? 168 : 7;
  private static final int COMMITS_AN_HOUR = IS_WEEK ? 360 : 50;
  /** After so many commits one to the young table; its median needs no more. */
  private static final int COMMITS_FOR_A_YOUNG_ONE = IS_WEEK ? 8 : 1;
  private static final long HOUR_MICROS = 3_600_000_000L;

  /** Of one hour. {@code slowdown}: median commit time by that of a table made in this hour, measured in turn with it. */
  private record Measured(double medianMs, double slowdown, long metadataBytes, int snapshots, int manifests) {
    double bytesPerSnapshot() {
      return (double) metadataBytes / snapshots;
    }
  }

  @Test
  void commitsStayAsQuickAsTheyWere() throws Exception {
    TestRaw raw = new TestRaw(TestRun.CATALOG, "raw.week");
    long start = (CommitClock.next(null) / HOUR_MICROS - HOURS) * HOUR_MICROS;
    List<Measured> hours = new ArrayList<>();
    for (int hour = 0; hour < HOURS; hour++) {
      Snapshot before = raw.table().currentSnapshot();
      hours.add(hour(raw, new TestRaw(TestRun.CATALOG, "raw.hour" + hour), start + hour * HOUR_MICROS));
      // Verified until this hour began: its snapshots are kept, however long it and its upkeep took.
      MaintainRun run =
          new MaintainRun().on("raw.week", Role.RAW, before == null ? null : before.snapshotId(), null);
      run.minFiles = 5;
      assertEquals(RunState.SUCCEEDED, run.run());
      TestRun.CATALOG.dropTable(TableIdentifier.parse("raw.hour" + hour), true);
      System.err.println("MaintainedWeekTest: hour " + hour + " of " + HOURS + " " + hours.get(hour));
    }
    // By the third hour the table has what it keeps; whatever else the machine does, the young table beside it suffers as well.
    Measured third = hours.get(2);
    Measured last = hours.get(HOURS - 1);
    double ratio = last.slowdown() / third.slowdown();
    System.err.printf("MaintainedWeekTest: %d commits, last hour / third hour %.2f%n", HOURS * COMMITS_AN_HOUR, ratio);
    assertTrue(ratio <= 1.3, "commits became slower by " + ratio + ": " + hours);
    assertTrue(last.snapshots() <= 2 * COMMITS_AN_HOUR + 10, last::toString);
    assertTrue(last.bytesPerSnapshot() <= 1.3 * third.bytesPerSnapshot(), last + " after " + third);
    assertTrue(last.manifests() <= 100 + COMMITS_AN_HOUR, last::toString);
    assertEquals(3L * HOURS * COMMITS_AN_HOUR, TestRun.rows("raw.week").count());
  }

  private static Measured hour(TestRaw raw, TestRaw young, long hourMicros) throws Exception {
    List<Double> commitMs = new ArrayList<>();
    List<Double> youngMs = new ArrayList<>();
    for (int i = 0; i < COMMITS_AN_HOUR; i++) {
      long clock = hourMicros + i * (HOUR_MICROS / COMMITS_AN_HOUR);
      commitMs.add(commit(raw, clock));
      if (i % COMMITS_FOR_A_YOUNG_ONE == 0) {
        youngMs.add(commit(young, clock));
      }
    }
    Table table = raw.table();
    table.refresh();
    String metadata = ((HasTableOperations) table).operations().current().metadataFileLocation();
    return new Measured(
        middle(commitMs),
        middle(commitMs) / middle(youngMs),
        Files.size(Path.of(metadata.replaceFirst("^file:", ""))),
        Iterables.size(table.snapshots()),
        table.currentSnapshot().allManifests(table.io()).size());
  }

  private static double commit(TestRaw raw, long clock) {
    long startedNanos = System.nanoTime();
    raw.commit(List.of(Sent.text("1"), Sent.text("2"), Sent.text("3")), 1, clock);
    return (System.nanoTime() - startedNanos) / 1e6;
  }

  private static double middle(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }
}
