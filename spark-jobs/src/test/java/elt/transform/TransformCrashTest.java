package elt.transform;

import static elt.transform.TransformDriverTest.failure;
import static elt.transform.TransformDriverTest.newest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import elt.driver.RunState;
import elt.ledger.LedgerEntry;
import elt.ledger.LedgeredAppend;
import elt.ledger.Writer;
import elt.transform.KillingCatalog.Killed;
import elt.transform.KillingCatalog.Moment;
import elt.transform.TestRaw.Sent;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left behind when a run dies, is fenced, or finds RAW or the rejects other than it left them. */
class TransformCrashTest {
  /** Commits to a table are: the claim, one per batch, the release. */
  @ParameterizedTest
  @CsvSource({
    "rejects, 1, AFTER", "silver, 1, BEFORE", "silver, 1, AFTER", "rejects, 2, BEFORE", "rejects, 2, AFTER",
    "silver, 2, BEFORE", "silver, 2, AFTER", "rejects, 3, AFTER", "silver, 3, BEFORE", "silver, 4, AFTER"
  })
  void aRunThatDiesAtACommitLosesNothingAndDoublesNothing(String table, int commit, Moment moment) {
    TestRun killed = new TestRun("crash_" + table + commit + moment.name().toLowerCase(java.util.Locale.ROOT));
    TestRaw raw = new TestRaw(TestRun.CATALOG, killed.raw());
    for (int i = 0; i < 3; i++) {
      raw.commit(mixed(100), 2);
    }
    killed.maxRowsPerCommit = 100;
    String name = table.equals("silver") ? killed.silver() : killed.rejects();
    killed.catalog = KillingCatalog.of(TestRun.CATALOG, name, commit, moment);
    createTables(killed, raw);
    assertThrows(Killed.class, killed::run);

    TestRun next = new TestRun(killed.name);
    next.maxRowsPerCommit = 100;
    assertEquals(RunState.SUCCEEDED, next.run());

    assertHasAllOnce(next, raw.newest());
  }

  /** A catalog that kills can only do so to tables that it loads: they are made by an ordinary run first. */
  private static void createTables(TestRun run, TestRaw raw) {
    TestRun first = new TestRun(run.name);
    assertEquals(RunState.SUCCEEDED, first.run());
    for (int i = 0; i < 3; i++) {
      raw.commit(mixed(100), 2);
    }
  }

  @Test
  void aRunWhoseTableWasClaimedByAnotherIsFencedAndLeavesNoFiles() {
    TestRun run = new TestRun("fenced");
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    raw.commit(mixed(100), 1);
    assertEquals(RunState.SUCCEEDED, run.run());
    raw.commit(mixed(100), 1);
    TestRun zombie = new TestRun("fenced");
    zombie.sql = TestRun.NUMBERS.replace("kafka_value) AS number,", "pause_for_claim(kafka_value)) AS number,");
    List<String> claimed = new ArrayList<>();
    TestPause.register(
        TestRun.SPARK,
        () -> {
          Table silver = TestRun.CATALOG.loadTable(TableIdentifier.parse(run.silver()));
          claimed.add(new LedgeredAppend(silver, new Writer("other-run", "numbers", "transform")).claim().commitId());
        });

    assertEquals(RunState.FENCED, zombie.run());

    assertEquals(1, claimed.size());
    assertEquals("other-run", newest(run.silver()).writer().claim());
    assertEquals(50, run.count(run.silver()));
    TestRun next = new TestRun("fenced");
    assertEquals(RunState.SUCCEEDED, next.run());
    assertHasAllOnce(next, raw.newest());
    assertEquals(List.of(), TestFiles.orphans(TestRun.CATALOG, run.silver()));
    assertEquals(List.of(), TestFiles.orphans(TestRun.CATALOG, run.rejects()));
  }

  @Test
  void rawBehindSilverIsAStop() {
    TestRun run = new TestRun("ahead");
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    raw.commit(mixed(10), 1);
    raw.commit(mixed(10), 1);
    assertEquals(RunState.SUCCEEDED, run.run());
    TestRun.CATALOG.dropTable(TableIdentifier.parse(run.raw()), false);
    TestRaw anew = new TestRaw(TestRun.CATALOG, run.raw());
    assertEquals("silver-ahead-of-raw", failure(new TestRun("ahead")).code());
    anew.commit(mixed(10), 1);
    assertEquals("silver-ahead-of-raw", failure(new TestRun("ahead")).code());
    assertEquals(10, run.count(run.silver()));
  }

  @Test
  void rejectsThatWereDroppedAreAStop() {
    TestRun run = new TestRun("norejects");
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    raw.commit(mixed(10), 1);
    assertEquals(RunState.SUCCEEDED, run.run());
    TestRun.CATALOG.dropTable(TableIdentifier.parse(run.rejects()), true);
    raw.commit(mixed(10), 1);
    assertEquals("ledger-rolled-back", failure(new TestRun("norejects")).code());
    assertEquals(5, run.count(run.silver()));
  }

  /** Every second record is no integer. */
  static List<Sent> mixed(int records) {
    List<Sent> mixed = new ArrayList<>();
    for (int i = 0; i < records; i++) {
      mixed.add(Sent.text(i % 2 == 0 ? Integer.toString(i) : "x" + i));
    }
    return mixed;
  }

  static void assertHasAllOnce(TestRun run, LedgerEntry raw) {
    long records = raw.position().open().orElseThrow().next(0).orElseThrow();
    assertEquals(records / 2, run.count(run.silver()));
    assertEquals(records / 2, run.count(run.rejects()));
    var both =
        TestRun.rows(run.silver()).select("kafka_offset").union(TestRun.rows(run.rejects()).select("kafka_offset"));
    assertEquals(records, both.distinct().count());
    assertEquals(raw.ingestedAt(), newest(run.silver()).ingestedAt());
    assertEquals(raw.ingestedAt(), newest(run.rejects()).ingestedAt());
    List<JsonNode> commits = run.events("commit");
    for (int i = 1; i < commits.size(); i++) {
      assertEquals(commits.get(i - 1).get("endPosition"), commits.get(i).get("startPosition"));
    }
  }
}
