package elt.ledger;

import static elt.ledger.TestLakehouse.batch;
import static elt.ledger.TestLakehouse.file;
import static elt.ledger.TestLakehouse.files;
import static elt.ledger.TestLakehouse.writer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.ledger.CommitOutcome.Committed;
import elt.ledger.CommitOutcome.Fenced;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.junit.jupiter.api.Test;

class LedgeredAppendTest {
  private final MemoryLakehouse lakehouse = new MemoryLakehouse();
  private final Table table = lakehouse.table();
  private final LedgeredAppend append = append("run-1");

  private LedgeredAppend append(String runId) {
    return new LedgeredAppend(lakehouse.table(), writer(runId));
  }

  private static LedgerEntry committed(CommitOutcome outcome) {
    return assertInstanceOf(Committed.class, outcome).entry();
  }

  @Test
  void aNewTableHasNoEntry() {
    assertEquals(Optional.empty(), append.newest());
  }

  @Test
  void aClaimIsAnEmptyCommitThatKeepsThePosition() {
    LedgerEntry claim = append.claim();
    assertEquals(Position.EMPTY, claim.position());
    LedgerEntry first = committed(append.commit(claim, batch(claim, 10)));
    LedgerEntry second = append("run-2").claim();
    assertEquals(first.position(), second.position());
    assertEquals(first.ingestedAt(), second.ingestedAt());
    assertEquals("run-2", second.writer().claim());
  }

  @Test
  void theSummarySaysEverythingInTheAgreedWords() {
    LedgerEntry claim = append.claim();
    LedgerEntry entry = committed(append.commit(claim, batch(claim, 10)));
    table.refresh();
    Map<String, String> summary = table.currentSnapshot().summary();
    assertEquals(entry.snapshotId(), table.currentSnapshot().snapshotId());
    assertEquals("run-1", summary.get("elt.run-id"));
    assertEquals("run-1", summary.get("elt.claim"));
    assertEquals("numbers", summary.get("elt.pipeline"));
    assertEquals("extract", summary.get("elt.stage"));
    assertEquals("[]", summary.get("elt.start-position"));
    assertEquals("[{\"topicId\":\"topic-a\",\"offsets\":{\"0\":\"10\"},\"closed\":false}]", summary.get("elt.position"));
    assertEquals("10", summary.get("elt.rows"));
    assertEquals("{}", summary.get("elt.gaps"));
    assertTrue(summary.get("elt.ingested-at").matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z"));
    assertEquals(null, summary.get("elt.start-ingested-at"));
    assertEquals(Optional.of(entry), append.newest());
  }

  @Test
  void theMirrorIsWrittenInTheSameCommitAndCountsForeignRows() {
    LedgerEntry claim = append.claim();
    table.newAppend().appendFile(file("foreign", 7)).commit();
    LedgerEntry entry = committed(append.commit(claim, batch(claim, 10)));
    table.refresh();
    assertEquals("17", table.properties().get("elt.total-records"));
    assertEquals(entry.commitId(), table.properties().get("elt.commit-id"));
    assertEquals(entry.position().json(), table.properties().get("elt.position"));
    assertEquals("numbers/extract", table.properties().get("elt.owner"));
    assertEquals(table.currentSnapshot().snapshotId(), Long.parseLong(table.properties().get("elt.snapshot-id")));
  }

  @Test
  void aZombieIsFencedAndWritesNothing() {
    LedgerEntry claim = append.claim();
    LedgerEntry successor = append("run-2").claim();
    Fenced fenced = assertInstanceOf(Fenced.class, append.commit(claim, batch(claim, 10)));
    assertEquals(successor, fenced.newest());
    assertTrue(fenced.mayDeleteFiles());
    assertTrue(files(table).isEmpty());
  }

  @Test
  void thePositionOutlivesTheSnapshots() {
    LedgerEntry claim = append.claim();
    LedgerEntry entry = committed(append.commit(claim, batch(claim, 10)));
    table.newAppend().appendFile(file("foreign", 7)).commit();
    table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(1).commit();
    LedgerEntry newest = append.newest().orElseThrow();
    assertEquals(entry.position(), newest.position());
    assertEquals(entry.commitId(), newest.commitId());
    assertEquals(entry.snapshotId(), newest.snapshotId());
    committed(append.commit(newest, batch(newest, 5)));
  }

  @Test
  void aRollbackIsNamedEvenWhenForeignRowsHideIt() {
    LedgerEntry claim = append.claim();
    committed(append.commit(claim, batch(claim, 10)));
    table.manageSnapshots().rollbackTo(claim.snapshotId()).commit();
    table.newAppend().appendFile(file("foreign", 1000)).commit();
    assertEquals("ledger-rolled-back", assertThrows(LedgerException.class, append::newest).code());
    assertThrows(LedgerException.class, append::claim);
    assertThrows(LedgerException.class, () -> append.commit(claim, batch(claim, 10)));
  }

  @Test
  void aRolledBackClaimDoesNotGiveTheTableBackToAZombie() {
    LedgerEntry zombie = append.claim();
    append("run-2").claim();
    table.refresh();
    table.manageSnapshots().rollbackTo(zombie.snapshotId()).commit();
    assertThrows(LedgerException.class, () -> append.commit(zombie, batch(zombie, 10)));
  }

  @Test
  void aReplacedTableIsNamed() {
    LedgerEntry claim = append.claim();
    committed(append.commit(claim, batch(claim, 10)));
    lakehouse.replace();
    assertEquals("table-replaced", assertThrows(LedgerException.class, append::newest).code());
    table.refresh();
    table.newAppend().appendFile(file("foreign", 1000)).commit();
    assertEquals("table-replaced", assertThrows(LedgerException.class, append::newest).code());
  }

  @Test
  void aTableCreatedAgainIsNamed() {
    LedgerEntry claim = append.claim();
    lakehouse.catalog.dropTable(lakehouse.name);
    lakehouse.table();
    assertEquals("table-replaced", assertThrows(LedgerException.class, append::newest).code());
    assertEquals(
        "table-replaced", assertThrows(LedgerException.class, () -> append.commit(claim, batch(claim, 10))).code());
  }

  @Test
  void rowsWithoutPositionStopTheRun() {
    table.newAppend().appendFile(file("foreign", 3)).commit();
    LedgerException stop = assertThrows(LedgerException.class, append::claim);
    assertEquals("rows-without-position", stop.code());
    assertTrue(stop.getMessage().contains("has 3 rows"), stop.getMessage());
  }

  @Test
  void rowsDeletedByOthersAreNoRollback() {
    LedgerEntry claim = append.claim();
    Batch first = batch(claim, 10);
    LedgerEntry entry = committed(append.commit(claim, first));
    table.refresh();
    table.newDelete().deleteFile(first.files().get(0)).commit();
    LedgerEntry next = committed(append.commit(entry, batch(entry, 5)));
    assertEquals(Optional.of(next), append.newest());
  }

  @Test
  void anotherPipelineMayNotWrite() {
    append.claim();
    LedgeredAppend other = new LedgeredAppend(lakehouse.table(), new Writer("run-9", "other", "extract"));
    LedgerException stop = assertThrows(LedgerException.class, other::claim);
    assertEquals("table-owned-by-other-pipeline", stop.code());
    assertTrue(stop.getMessage().contains("numbers/extract"), stop.getMessage());
  }

  @Test
  void aFullRefreshReplacesAllRowsInOneCommit() {
    LedgerEntry claim = append.claim();
    LedgerEntry first = committed(append.commit(claim, batch(claim, 10)));
    Batch rebuilt = batch(first, 4);
    LedgerEntry replaced = committed(append.replace(first, rebuilt));
    assertEquals(1, files(table).size());
    assertEquals("4", table.properties().get("elt.total-records"));
    assertEquals(Optional.of(replaced), append.newest());
    committed(append.replace(replaced, new Batch("empty", java.util.List.of(), replaced.position(), 1L, 0, Map.of(), Map.of())));
    assertTrue(files(table).isEmpty());
  }

  @Test
  void releaseIsNotedOnlyWhileTheTableIsOurs() {
    append.release("stopped");
    table.refresh();
    assertEquals(null, table.properties().get("elt.released"));
    append.claim();
    append.release("stopped");
    table.refresh();
    assertEquals("run-1:stopped", table.properties().get("elt.released"));
    append("run-2").claim();
    append.release("failed");
    table.refresh();
    assertEquals("run-1:stopped", table.properties().get("elt.released"));
  }

  @Test
  void aLaterAttemptIsReleasedUnderItsOwnClaim() {
    append.claim();
    append.release("failed");
    LedgeredAppend second = new LedgeredAppend(lakehouse.table(), new Writer("run-1", "numbers", "extract", "run-1.2"));
    second.claim();
    second.release("stopped");
    table.refresh();
    assertEquals("run-1.2:stopped", table.properties().get("elt.released"));
  }

  @Test
  void theClockMustGoForwardAndTheTableMustBeClaimed() {
    LedgerEntry claim = append.claim();
    LedgerEntry entry = committed(append.commit(claim, batch(claim, 10)));
    Batch late = batch(entry, 1);
    Batch stale = new Batch(late.commitId(), late.files(), late.position(), entry.ingestedAt(), 1, Map.of(), Map.of());
    assertThrows(IllegalArgumentException.class, () -> append.commit(entry, stale));
    assertThrows(IllegalArgumentException.class, () -> append("run-2").commit(entry, late));
  }

  @Test
  void aFailureThatWouldOnlyRepeatItselfIsThrown() {
    FaultyOperations operations = broken(new IllegalArgumentException("no permission"));
    LedgeredAppend refused = new LedgeredAppend(new BaseTable(operations, "raw.numbers"), writer("run-1"));
    assertTrue(assertThrows(RuntimeException.class, refused::claim).getMessage().contains("no permission"));
  }

  /** Operations whose every commit fails. */
  private FaultyOperations broken(RuntimeException failure) {
    return new FaultyOperations(((BaseTable) table).operations(), new FaultyOperations.World() {
      @Override
      public void between() {
        throw failure;
      }

      @Override
      public void swapped(TableMetadata metadata) {}

      @Override
      public TableOperations connect() {
        throw new UnsupportedOperationException();
      }
    }, request -> {});
  }

  @Test
  void manyCommitsKeepFewManifests() {
    LedgerEntry entry = append.claim();
    for (int i = 0; i < 120; i++) {
      entry = committed(append.commit(entry, batch(entry, 1)));
    }
    table.refresh();
    Snapshot current = table.currentSnapshot();
    assertTrue(current.dataManifests(table.io()).size() < 100, "manifests " + current.dataManifests(table.io()).size());
  }
}
