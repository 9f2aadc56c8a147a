package elt.transform;

import static elt.transform.TransformCrashTest.assertHasAllOnce;
import static elt.transform.TransformCrashTest.mixed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.driver.Mode;
import elt.driver.RunState;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a run ends before its time, and what it waits for. */
@Timeout(120)
class TransformStopTest {
  private static final String WITH_PAUSE =
      TestRun.NUMBERS.replace("kafka_value) AS number,", "pause_for_claim(kafka_value)) AS number,");

  @Test
  void askedToStopItFinishesTheBatchInHandAndNoMore() {
    TestRun run = new TestRun("stop");
    TestRaw raw = threeCommits(run);
    run.sql = WITH_PAUSE;
    TestPause.register(TestRun.SPARK, run.stop::request);
    assertEquals(RunState.STOPPED, run.run());
    assertEquals(1, run.events("commit").size());
    assertEquals(50, run.count(run.silver()));
    assertTrue(released(run.silver()).endsWith(":stopped"), released(run.silver()));
    assertTrue(released(run.rejects()).endsWith(":stopped"), released(run.rejects()));
    assertHasTheRestAfterwards(run, raw);
  }

  @Test
  void whatIsComputedAheadOfTheBatchInHandIsRemovedWhenTheRunStops() {
    TestRun run = new TestRun("computed_ahead");
    TestRaw raw = threeCommits(run);
    run.sql = WITH_PAUSE;
    TestPause.register(
        TestRun.SPARK,
        () -> {
          // The batch in hand waits here before its first row is written: a file can only be the next one's.
          while (TestFiles.orphans(TestRun.CATALOG, run.silver()).isEmpty()) {
            sleep(20);
          }
          run.stop.request();
        });
    assertEquals(RunState.STOPPED, run.run());
    assertEquals(1, run.events("commit").size());
    assertEquals(List.of(), TestFiles.orphans(TestRun.CATALOG, run.silver()));
    assertEquals(List.of(), TestFiles.orphans(TestRun.CATALOG, run.rejects()));
    assertHasTheRestAfterwards(run, raw);
  }

  @Test
  void askedTwiceItGivesUpTheBatchInHandAndRemovesItsFiles() {
    TestRun run = new TestRun("stop_twice");
    TestRaw raw = threeCommits(run);
    run.sql = WITH_PAUSE;
    TestPause.register(
        TestRun.SPARK,
        () -> {
          run.stop.request();
          run.stop.request();
          waitForEver();
        });
    assertEquals(RunState.STOPPED, run.run());
    assertEquals(List.of(), run.events("commit"));
    assertEquals(0, run.count(run.silver()));
    assertEquals(List.of(), TestFiles.orphans(TestRun.CATALOG, run.silver()));
    assertEquals(List.of(), TestFiles.orphans(TestRun.CATALOG, run.rejects()));
    assertHasTheRestAfterwards(run, raw);
  }

  @Test
  void followingGoesOnUntilItIsStopped() throws Exception {
    TestRun run = new TestRun("follow");
    run.mode = Mode.FOLLOW;
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    CompletableFuture<RunState> state = CompletableFuture.supplyAsync(run::run);
    for (int commits = 1; commits <= 3; commits++) {
      raw.commit(mixed(100), 1);
      int done = commits;
      await(state, () -> run.events("commit").size() == done);
    }
    run.stop.request();
    assertEquals(RunState.STOPPED, state.get(30, TimeUnit.SECONDS));
    assertEquals(1, run.events("claimed").size());
    assertHasAllOnce(run, raw.newest());
  }

  @Test
  void anOutageInTheMiddleOfABatchIsWaitedOut() {
    TestRun run = new TestRun("outage");
    TestRaw raw = threeCommits(run);
    run.sql = WITH_PAUSE;
    TestPause.register(
        TestRun.SPARK,
        () -> {
          throw new UncheckedIOException(new ConnectException("Connection refused"));
        });
    assertEquals(RunState.SUCCEEDED, run.run());
    assertEquals(1, run.events("waiting").size());
    assertEquals("lakehouse-unreachable", run.events("waiting").get(0).get("code").asText());
    assertEquals(List.of(), TestFiles.orphans(TestRun.CATALOG, run.silver()));
    assertHasAllOnce(run, raw.newest());
  }

  @Test
  void anErrorOfTheStatementItselfFailsTheRunAndLeavesNoFiles() {
    TestRun run = new TestRun("failing");
    threeCommits(run);
    run.sql = "SELECT CAST(raise_error('no such luck') AS string) AS luck FROM raw";
    Exception failure = assertThrows(Exception.class, run::run);
    assertTrue(failure.getMessage().contains("no such luck"), failure.getMessage());
    assertEquals(List.of(), run.events("waiting"));
    assertEquals(List.of(), TestFiles.orphans(TestRun.CATALOG, run.silver()));
  }

  /** Each is a batch of one file, and so of one task. */
  private static TestRaw threeCommits(TestRun run) {
    run.maxRowsPerCommit = 100;
    TestRaw raw = new TestRaw(TestRun.CATALOG, run.raw());
    for (int i = 0; i < 3; i++) {
      raw.commit(mixed(100), 1);
    }
    return raw;
  }

  private static void assertHasTheRestAfterwards(TestRun run, TestRaw raw) {
    TestRun next = new TestRun(run.name);
    assertEquals(RunState.SUCCEEDED, next.run());
    assertHasAllOnce(next, raw.newest());
  }

  private static String released(String table) {
    Table loaded = TestRun.CATALOG.loadTable(TableIdentifier.parse(table));
    loaded.refresh();
    return loaded.properties().get("elt.released");
  }

  private static void await(CompletableFuture<?> run, BooleanSupplier condition) throws Exception {
    while (!condition.getAsBoolean()) {
      assertTrue(!run.isDone(), "the run has ended");
      Thread.sleep(50);
    }
  }

  private static void waitForEver() {
    sleep(Long.MAX_VALUE);
  }

  private static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
