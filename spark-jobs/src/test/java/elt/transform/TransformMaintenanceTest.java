package elt.transform;

import static elt.transform.TransformCrashTest.assertHasAllOnce;
import static elt.transform.TransformCrashTest.mixed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.driver.RunState;
import elt.ledger.LedgerEntry;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.spark.actions.SparkActions;
import org.junit.jupiter.api.Test;

/** RAW is compacted, its snapshots expire, others write to it: TRANSFORM does not mind. */
class TransformMaintenanceTest {
  @Test
  void compactedAndExpiredRawIsReadOnceAllTheSame() {
    TestRun first = new TestRun("maintained");
    TestRaw raw = new TestRaw(TestRun.CATALOG, first.raw());
    raw.commit(mixed(100), 2);
    assertEquals(RunState.SUCCEEDED, first.run());
    for (int i = 0; i < 4; i++) {
      raw.commit(mixed(100), 2);
    }
    compact(raw.table());
    expire(raw.table());
    for (int i = 0; i < 3; i++) {
      raw.commit(mixed(100), 2);
    }
    TestRun second = new TestRun("maintained");
    second.maxRowsPerCommit = 150;
    assertEquals(RunState.SUCCEEDED, second.run());
    assertTrue(second.events("commit").size() > 2, second.events("commit")::toString);
    assertHasAllOnce(second, raw.newest());
  }

  @Test
  void commitsInsideACompactedFileAreReadOneAfterTheOther() {
    TestRun run = new TestRun("straddle");
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    for (int i = 0; i < 4; i++) {
      raw.commit(mixed(100), 1);
    }
    compact(raw.table());
    LedgerEntry newest = raw.newest();
    run.maxRowsPerCommit = 100;
    assertEquals(RunState.SUCCEEDED, run.run());
    assertEquals(4, run.events("commit").size());
    run.events("commit").forEach(commit -> assertEquals(50, commit.get("rows").asLong()));
    assertHasAllOnce(run, newest);
  }

  @Test
  void rowsThatOthersDeleteInRawAreNotWaitedFor() {
    TestRun run = new TestRun("deleted");
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    raw.commit(mixed(100), 1);
    raw.table().updateProperties().set("write.delete.mode", "merge-on-read").commit();
    TestRun.rows(run.raw());
    TestRun.SPARK.sql("DELETE FROM lakehouse." + run.raw() + " WHERE kafka_offset IN (0, 1)");
    assertEquals(RunState.SUCCEEDED, run.run());
    assertEquals(49, run.count(run.silver()));
    assertEquals(49, run.count(run.rejects()));
  }

  @Test
  void silverAndRejectsMayBeCompactedBetweenRuns() {
    TestRun run = new TestRun("silver_compacted");
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    for (int i = 0; i < 2; i++) {
      raw.commit(mixed(100), 2);
      assertEquals(RunState.SUCCEEDED, new TestRun(run.name).run());
    }
    compact(load(run.silver()));
    compact(load(run.rejects()));
    expire(load(run.silver()));
    expire(load(run.rejects()));
    raw.commit(mixed(100), 2);
    TestRun last = new TestRun(run.name);
    assertEquals(RunState.SUCCEEDED, last.run());
    assertHasAllOnce(last, raw.newest());
  }

  private static Table load(String name) {
    Table table = TestRun.CATALOG.loadTable(TableIdentifier.parse(name));
    table.refresh();
    return table;
  }

  private static void compact(Table table) {
    table.refresh();
    SparkActions.get(TestRun.SPARK).rewriteDataFiles(table).option("rewrite-all", "true").execute();
    table.refresh();
  }

  private static void expire(Table table) {
    table.refresh();
    table.expireSnapshots().expireOlderThan(System.currentTimeMillis() + 1000).retainLast(1).commit();
    table.refresh();
  }
}
