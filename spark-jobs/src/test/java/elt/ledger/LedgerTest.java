package elt.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The rules one by one; {@link LedgerModelTest} has them all at once. Snapshot n has sequence number n and parent n - 1. */
class LedgerTest {
  private static final Writer WRITER = new Writer("run-1", "numbers", "extract");

  private static LedgerEntry entry(long snapshotId) {
    Position position = Position.EMPTY.startGeneration("topic-a", Map.of(0, snapshotId * 10));
    return new LedgerEntry(
        snapshotId, WRITER, "commit-" + snapshotId, Position.EMPTY, position, null, snapshotId * 1_000_000, 10, Map.of("0", 2L));
  }

  private static Ancestor ours(long id) {
    Map<String, String> summary = new HashMap<>(LedgerCodec.summary(entry(id)));
    summary.put("total-records", Long.toString(id * 10));
    return new Ancestor(id, id == 1 ? null : id - 1, id, summary);
  }

  private static Ancestor foreign(long id, long totalRecords) {
    return new Ancestor(id, id == 1 ? null : id - 1, id, Map.of("total-records", Long.toString(totalRecords)));
  }

  private static Map<String, String> mirrorOf(long id) {
    return LedgerCodec.properties(entry(id), id, Long.toString(id * 10));
  }

  private static Ledger ledger(Map<String, String> mirror, Ancestor... newestFirst) {
    return new Ledger("raw.numbers", List.of(newestFirst), mirror);
  }

  private static LedgerException stop(Ledger ledger) {
    return assertThrows(LedgerException.class, ledger::newest);
  }

  @Test
  void anEntrySurvivesSummaryAndBack() {
    assertEquals(entry(3), LedgerCodec.entry(3, LedgerCodec.summary(entry(3))));
  }

  @Test
  void theNewestAncestorWithAPositionWins() {
    assertEquals(Optional.of(entry(3)), ledger(mirrorOf(3), foreign(5, 50), foreign(4, 40), ours(3), ours(2)).newest());
    assertEquals(Optional.of(entry(3)), ledger(Map.of(), foreign(4, 40), ours(3)).newest());
  }

  @Test
  void theMirrorStandsInForExpiredSnapshots() {
    LedgerEntry newest = ledger(mirrorOf(3), foreign(5, 50)).newest().orElseThrow();
    assertEquals(entry(3).position(), newest.position());
    assertEquals(entry(3).ingestedAt(), newest.ingestedAt());
    assertEquals(WRITER, newest.writer());
    assertEquals("commit-3", newest.commitId());
    assertEquals(3, newest.snapshotId());
  }

  @Test
  void aTableThatNobodyWroteIsEmpty() {
    assertEquals(Optional.empty(), ledger(Map.of()).newest());
    assertEquals(Optional.empty(), ledger(Map.of(), foreign(1, 0)).newest());
  }

  @Test
  void rowsWithoutAnyPosition() {
    LedgerException stop = stop(ledger(Map.of(), foreign(2, 12)));
    assertEquals("rows-without-position", stop.code());
    assertEquals(
        "Table raw.numbers has 12 rows but no position, neither in its snapshots nor in its properties. Nothing was written."
            + " To recompute the position from the rows that are there: elt offsets recover",
        stop.getMessage());
    assertEquals(
        "rows-without-position", stop(ledger(Map.of(), new Ancestor(1, null, 1, Map.of()))).code());
  }

  @Test
  void rolledBackToAnOlderEntry() {
    LedgerException stop = stop(ledger(mirrorOf(3), ours(2), ours(1)));
    assertEquals("ledger-rolled-back", stop.code());
    assertTrue(stop.getMessage().contains("commit-3") && stop.getMessage().contains("commit-2"), stop.getMessage());
  }

  @Test
  void rolledBackToBeforeTheFirstEntry() {
    assertEquals("ledger-rolled-back", stop(ledger(mirrorOf(3), foreign(1, 0))).code());
    assertEquals("ledger-rolled-back", stop(ledger(mirrorOf(5), foreign(2, 900))).code());
  }

  @Test
  void fewerRowsThanMirroredWhenExpiryHasEatenTheProof() {
    LedgerException stop = stop(ledger(mirrorOf(3), foreign(7, 29)));
    assertEquals("ledger-rolled-back", stop.code());
    assertTrue(stop.getMessage().contains("with 30 rows, but it has 29"), stop.getMessage());
    assertEquals(3, ledger(mirrorOf(3), foreign(7, 30)).newest().orElseThrow().snapshotId());
  }

  @Test
  void fewerRowsAreNoRollbackWhereTheHistoryProvesIt() {
    assertEquals(Optional.of(entry(3)), ledger(mirrorOf(3), foreign(4, 1), ours(3)).newest());
    assertEquals(3, ledger(mirrorOf(3), foreign(5, 1), foreign(4, 1)).newest().orElseThrow().snapshotId());
  }

  @Test
  void replaced() {
    assertEquals("table-replaced", stop(ledger(mirrorOf(3))).code());
    assertEquals(
        "table-replaced", stop(ledger(mirrorOf(3), new Ancestor(4, null, 4, Map.of("total-records", "99")))).code());
  }

  @Test
  void unreadable() {
    Ancestor broken = new Ancestor(2, 1L, 2, Map.of("elt.position", "nonsense", "elt.commit-id", "commit-2"));
    assertEquals("ledger-unreadable", stop(ledger(Map.of(), broken)).code());
    assertEquals("ledger-unreadable", stop(ledger(Map.of("elt.position", "nonsense"), foreign(2, 1))).code());
  }

  @Test
  void findsACommitAnywhereInTheHistoryOrTheMirror() {
    Ledger ledger = ledger(mirrorOf(3), foreign(4, 30), ours(3), ours(2));
    assertEquals(2, ledger.find("commit-2").orElseThrow().snapshotId());
    assertEquals(Optional.empty(), ledger.find("commit-1"));
    assertEquals(3, ledger(mirrorOf(3), foreign(9, 90)).find("commit-3").orElseThrow().snapshotId());
    assertEquals(List.of(3L, 2L), ledger.entries().map(LedgerEntry::snapshotId).toList());
  }
}
