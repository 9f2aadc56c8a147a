package elt.transform;

import static elt.transform.TransformCrashTest.assertHasAllOnce;
import static elt.transform.TransformCrashTest.mixed;
import static elt.transform.TransformDriverTest.failure;
import static elt.transform.TransformDriverTest.newest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import elt.driver.RunState;
import elt.transform.KillingCatalog.Killed;
import elt.transform.KillingCatalog.Moment;
import java.util.List;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --full-refresh}: rejects and SILVER are replaced by what the statement now makes of all of RAW. */
class TransformRefreshTest {
  private static final String ALL_REJECTED = TestRun.NUMBERS.replace("integer_reject_reason(kafka_value)", "'no'");

  @Test
  void everythingIsComputedAnewAndReplacedInOneCommitEach() {
    TestRun run = new TestRun("refresh");
    TestRaw raw = twoCommits(run);
    assertEquals(RunState.SUCCEEDED, run.run());
    raw.commit(mixed(100), 2);
    TestRun refresh = refresh(run.name, ALL_REJECTED);
    assertEquals(RunState.SUCCEEDED, refresh.run());
    assertEquals(0, refresh.count(refresh.silver()));
    assertEquals(300, refresh.count(refresh.rejects()));
    assertEquals(300, TestRun.rows(refresh.rejects()).filter("reason = 'no'").select("kafka_offset").distinct().count());
    assertEquals(1, refresh.events("commit").size());
    assertEquals(300, refresh.events("commit").get(0).get("rejects").asLong());
    TestRun back = refresh(run.name, TestRun.NUMBERS);
    assertEquals(RunState.SUCCEEDED, back.run());
    assertHasAllOnce(back, raw.newest());
    raw.commit(mixed(100), 1);
    TestRun next = new TestRun(run.name);
    assertEquals(RunState.SUCCEEDED, next.run());
    assertHasAllOnce(next, raw.newest());
  }

  @Test
  void itCreatesTablesAndRebuildsWhatWasDroppedOrRolledBackBehind() {
    TestRun first = refresh("refresh_drop", TestRun.NUMBERS);
    TestRaw raw = twoCommits(first);
    assertEquals(RunState.SUCCEEDED, first.run());
    assertHasAllOnce(first, raw.newest());
    TestRun.CATALOG.dropTable(TableIdentifier.parse(first.rejects()), true);
    TestRun.CATALOG.dropTable(TableIdentifier.parse(first.raw()), true);
    TestRaw anew = twoCommits(first);
    assertEquals("silver-ahead-of-raw", failure(new TestRun(first.name)).code());
    TestRun refresh = refresh(first.name, TestRun.NUMBERS);
    assertEquals(RunState.SUCCEEDED, refresh.run());
    assertHasAllOnce(refresh, anew.newest());
  }

  @ParameterizedTest
  @CsvSource({"rejects, 2, BEFORE", "rejects, 2, AFTER", "silver, 3, BEFORE", "silver, 3, AFTER"})
  void oneThatEndedHalfwayIsDoneAgainBeforeAnythingElse(String table, int commit, Moment moment) {
    TestRun run = new TestRun("refresh_" + table + commit + moment.name().toLowerCase(java.util.Locale.ROOT));
    TestRaw raw = twoCommits(run);
    assertEquals(RunState.SUCCEEDED, run.run());
    TestRun killed = refresh(run.name, ALL_REJECTED);
    String name = table.equals("silver") ? run.silver() : run.rejects();
    killed.catalog = KillingCatalog.of(TestRun.CATALOG, name, commit, moment);
    assertThrows(Killed.class, killed::run);

    boolean rejectsAreReplaced = !(table.equals("rejects") && moment == Moment.BEFORE);
    boolean silverIsReplaced = table.equals("silver") && moment == Moment.AFTER;
    raw.commit(mixed(100), 1);
    TestRun next = new TestRun(run.name);
    if (rejectsAreReplaced && !silverIsReplaced) {
      assertEquals("full-refresh-interrupted", failure(next).code());
    } else {
      assertEquals(RunState.SUCCEEDED, next.run());
      assertEquals(raw.newest().ingestedAt(), newest(run.silver()).ingestedAt());
    }
    TestRun again = refresh(run.name, TestRun.NUMBERS);
    assertEquals(RunState.SUCCEEDED, again.run());
    assertHasAllOnce(again, raw.newest());
    raw.commit(mixed(100), 1);
    TestRun last = new TestRun(run.name);
    assertEquals(RunState.SUCCEEDED, last.run());
    assertHasAllOnce(last, raw.newest());
  }

  @Test
  void stoppedItLeavesEverythingAsItWas() {
    TestRun run = new TestRun("refresh_stop");
    TestRaw raw = twoCommits(run);
    assertEquals(RunState.SUCCEEDED, run.run());
    TestRun refresh = refresh(run.name, ALL_REJECTED.replace("integer_from_text(kafka_value) AS", "integer_from_text(pause_for_claim(kafka_value)) AS"));
    TestPause.register(TestRun.SPARK, refresh.stop::request);
    assertEquals(RunState.STOPPED, refresh.run());
    assertEquals(List.of(), refresh.events("commit"));
    assertEquals(List.of(), TestFiles.orphans(TestRun.CATALOG, run.rejects()));
    assertEquals(100, run.count(run.silver()));
    TestRun next = new TestRun(run.name);
    assertEquals(RunState.SUCCEEDED, next.run());
    assertHasAllOnce(next, raw.newest());
  }

  private static TestRun refresh(String name, String sql) {
    TestRun run = new TestRun(name);
    run.fullRefresh = true;
    run.sql = sql;
    run.maxRowsPerCommit = 100;
    return run;
  }

  private static TestRaw twoCommits(TestRun run) {
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    raw.commit(mixed(100), 1);
    raw.commit(mixed(100), 1);
    return raw;
  }
}
