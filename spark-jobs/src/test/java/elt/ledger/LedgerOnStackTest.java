package elt.ledger;

import static elt.ledger.TestLakehouse.batch;
import static elt.ledger.TestLakehouse.files;
import static elt.ledger.TestLakehouse.writer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.driver.Outages;
import elt.ledger.CommitOutcome.Committed;
import elt.ledger.CommitOutcome.Fenced;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The ledger's rules through the real Hive Metastore and S3: {@code mvn -Pstack test}, with the stack's addresses in the environment. */
@Tag("stack")
class LedgerOnStackTest {
  private static final int HISTORIES = Integer.getInteger("elt.histories", 4);
  private static final int STEPS = 12;

  @Test
  void someHistoriesOfTheModelTestHoldThroughTheMetastore() {
    Long only = Long.getLong("elt.seed");
    long first = only == null ? new Random().nextLong() : only;
    System.out.println("LedgerOnStackTest: " + HISTORIES + " histories from seed " + first);
    for (int i = 0; i < (only == null ? HISTORIES : 1); i++) {
      try (HiveLakehouse lakehouse = new HiveLakehouse()) {
        LedgerModelTest.run(new LedgerWorld(lakehouse, first + i), first + i, STEPS);
      }
    }
  }

  @Test
  void aZombieIsFenced() {
    try (HiveLakehouse lakehouse = new HiveLakehouse()) {
      LedgeredAppend zombie = new LedgeredAppend(lakehouse.table(), writer("zombie"));
      LedgerEntry claim = zombie.claim();
      new LedgeredAppend(lakehouse.table(), writer("successor")).claim();
      assertInstanceOf(Fenced.class, zombie.commit(claim, batch(claim, 10)));
      assertTrue(files(lakehouse.load()).isEmpty());
    }
  }

  @Test
  void writersAtTheSameTimeNeverDoubleAndNeverLose() throws Exception {
    try (HiveLakehouse lakehouse = new HiveLakehouse()) {
      lakehouse.table();
      ExecutorService threads = Executors.newFixedThreadPool(2);
      List<Future<List<String>>> running = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        String runId = "run-" + i;
        running.add(threads.submit(write(lakehouse, runId)));
      }
      TreeSet<String> committed = new TreeSet<>();
      for (Future<List<String>> one : running) {
        committed.addAll(one.get());
      }
      threads.shutdown();
      Table table = lakehouse.load();
      assertTrue(!committed.isEmpty());
      assertEquals(committed, files(table));
      LedgerEntry newest = Ledger.of(table).newest().orElseThrow();
      assertEquals(committed.size(), newest.position().open().orElseThrow().next(0).orElseThrow());
    }
  }

  /** Claims and commits one row at a time, and claims again when fenced; returns the files that were committed. */
  private static Callable<List<String>> write(TestLakehouse lakehouse, String runId) {
    return () -> {
      List<String> committed = new ArrayList<>();
      LedgeredAppend append = new LedgeredAppend(lakehouse.load(), writer(runId));
      LedgerEntry entry = append.claim();
      for (int i = 0; i < 5; i++) {
        Batch batch = batch(entry, 1);
        CommitOutcome outcome = append.commit(entry, batch);
        if (outcome instanceof Committed done) {
          committed.add(batch.files().get(0).location());
          entry = done.entry();
        } else {
          entry = append.claim();
        }
      }
      return committed;
    };
  }

  @Test
  void aDroppedTableIsNamed() {
    try (HiveLakehouse lakehouse = new HiveLakehouse()) {
      LedgeredAppend append = new LedgeredAppend(lakehouse.table(), writer("run-1"));
      LedgerEntry claim = append.claim();
      lakehouse.catalog.dropTable(lakehouse.name);
      assertEquals("table-replaced", assertThrows(LedgerException.class, append::newest).code());
      assertEquals(
          "table-replaced", assertThrows(LedgerException.class, () -> append.commit(claim, batch(claim, 1))).code());
      lakehouse.table();
      assertEquals("table-replaced", assertThrows(LedgerException.class, append::newest).code());
    }
  }

  @Test
  void whatIsDownIsAnOutageAndWhatRefusesIsNot() {
    try (HiveLakehouse lakehouse = new HiveLakehouse()) {
      lakehouse.table();
      String metastore = HiveLakehouse.environment("ELT_METASTORE_URI");
      assertTrue(Outages.isOutage(failure(lakehouse, "thrift://127.0.0.1:1", Map.of())));
      assertTrue(Outages.isOutage(failure(lakehouse, metastore, Map.of("s3.endpoint", "http://127.0.0.1:1"))));
      assertFalse(
          Outages.isOutage(
              failure(lakehouse, metastore, Map.of("s3.access-key-id", "nobody", "s3.secret-access-key", "wrong"))));
    }
  }

  private static RuntimeException failure(HiveLakehouse lakehouse, String metastore, Map<String, String> s3) {
    return assertThrows(
        RuntimeException.class, () -> HiveLakehouse.catalog(metastore, s3).loadTable(lakehouse.name));
  }
}
