package elt.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.ledger.LedgerEntry;
import elt.ledger.Position;
import elt.ledger.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Clocks here are small numbers; position at clock c is offset c. */
class RawBacklogTest {
  @Test
  void aBatchHasAsManyCommitsAsFit() {
    RawBacklog backlog =
        new RawBacklog(10L, at(10), List.of(commit(10, 20, 5), commit(20, 30, 5), commit(30, 40, 5)), files(20, 30, 40));
    BatchRange batch = backlog.next(11);
    assertEquals(30, batch.upTo());
    assertEquals(10, batch.after());
    assertEquals(at(30), batch.position());
    assertEquals(10, batch.leastRows());
    assertEquals(10, batch.mostRows());
    assertEquals(5, batch.lag());
    assertFalse(batch.needsFilter());
    RawBacklog left = backlog.after(batch);
    assertEquals(40, left.next(1).upTo());
    assertTrue(left.after(left.next(1)).isEmpty());
  }

  @Test
  void aBatchHasAtLeastOneCommit() {
    RawBacklog backlog = new RawBacklog(null, Position.EMPTY, List.of(commit(null, 20, 900), commit(20, 30, 5)), files(20, 30));
    assertEquals(20, backlog.next(10).upTo());
    assertEquals(null, backlog.next(10).after());
  }

  @Test
  void commitsWithoutRowsAreStepsToo() {
    RawBacklog backlog = new RawBacklog(10L, at(10), List.of(commit(10, 20, 0)), List.of());
    BatchRange batch = backlog.next(100);
    assertEquals(20, batch.upTo());
    assertEquals(at(20), batch.position());
    assertEquals(0, batch.mostRows());
  }

  @Test
  void compactedFilesAreFilteredAndCountedBetweenBounds() {
    RawFile compacted = new RawFile(20, 40, 15, true, null);
    RawBacklog backlog =
        new RawBacklog(10L, at(10), List.of(commit(10, 20, 5), commit(20, 30, 5), commit(30, 40, 5)), List.of(compacted));
    BatchRange first = backlog.next(5);
    assertEquals(20, first.upTo());
    assertTrue(first.needsFilter());
    assertEquals(0, first.leastRows());
    assertEquals(15, first.mostRows());
    BatchRange rest = backlog.after(first).next(100);
    assertEquals(40, rest.upTo());
    assertEquals(List.of(compacted), rest.files());
    assertTrue(rest.needsFilter());
  }

  @Test
  void filesWithDeletesCountAsUpToTheirRows() {
    RawFile deleted = new RawFile(20, 20, 5, false, null);
    BatchRange batch = new RawBacklog(10L, at(10), List.of(commit(10, 20, 5)), List.of(deleted)).next(10);
    assertEquals(0, batch.leastRows());
    assertEquals(5, batch.mostRows());
    assertFalse(batch.needsFilter());
  }

  @Test
  void whereRawsCommitsHaveExpiredBatchesEndWhereNoFileIsCut() {
    List<RawFile> files =
        List.of(
            file(11, 13, 10), file(12, 15, 10), file(16, 16, 10), file(16, 16, 10), file(21, 25, 10), file(40, 40, 5));
    RawBacklog backlog = new RawBacklog(10L, at(10), List.of(commit(30, 40, 5)), files);
    List<Long> ends = new ArrayList<>();
    List<Position> positions = new ArrayList<>();
    for (RawBacklog left = backlog; !left.isEmpty(); left = left.after(left.next(10))) {
      BatchRange batch = left.next(10);
      assertFalse(batch.needsFilter(), batch::toString);
      ends.add(batch.upTo());
      positions.add(batch.position());
    }
    assertEquals(List.of(15L, 16L, 30L, 40L), ends);
    assertEquals(List.of(at(10), at(10), at(30), at(40)), positions);
  }

  @Test
  void onlyTheMirroredPositionIsLeftOfTheHistory() {
    LedgerEntry mirrored = commit(40, 40, 0);
    RawBacklog backlog = new RawBacklog(null, Position.EMPTY, List.of(mirrored), List.of(file(20, 20, 5), file(40, 40, 5)));
    assertEquals(20, backlog.next(5).upTo());
    BatchRange last = backlog.after(backlog.next(5)).next(5);
    assertEquals(40, last.upTo());
    assertEquals(at(40), last.position());
    assertTrue(backlog.after(backlog.next(5)).after(last).isEmpty());
  }

  /** Whatever the history looks like: batches follow each other, end at the end, and each row is in one of them. */
  @RepeatedTest(200)
  void batchesCoverEveryRowOnce(RepetitionInfo repetition) {
    SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
    int commits = random.nextInt(1, 20);
    Long after = random.nextBoolean() ? null : 0L;
    List<LedgerEntry> entries = new ArrayList<>();
    List<RawFile> files = new ArrayList<>();
    int expired = random.nextInt(commits);
    int total = 0;
    for (int i = 1; i <= commits; i++) {
      int rows = random.nextInt(10);
      total += rows;
      Long start = i == 1 && after == null ? null : Long.valueOf(i * 10 - 10);
      if (i > expired) {
        entries.add(commit(start, i * 10, rows));
      }
      if (rows > 0) {
        files.add(file(i * 10, i * 10, rows));
      }
    }
    compactSome(files, random);
    RawBacklog left = new RawBacklog(after, at(0), entries, files);
    Long reached = after;
    long read = 0;
    while (!left.isEmpty()) {
      BatchRange batch = left.next(random.nextInt(1, 30));
      assertEquals(reached, batch.after());
      assertTrue(reached == null || batch.upTo() > reached);
      for (RawFile file : files) {
        boolean isNeeded = file.lastClock() > (reached == null ? 0 : reached) && file.firstClock() <= batch.upTo();
        assertEquals(isNeeded, batch.files().contains(file), batch::toString);
        read += file.isWithin(reached == null ? 0 : reached, batch.upTo()) ? file.rows() : 0;
      }
      assertTrue(batch.leastRows() <= batch.mostRows());
      reached = batch.upTo();
      left = left.after(batch);
    }
    assertEquals(commits * 10L, reached);
    assertTrue(read <= total);
  }

  private static void compactSome(List<RawFile> files, SplittableRandom random) {
    for (int i = 0; i + 1 < files.size(); i++) {
      if (random.nextInt(4) == 0) {
        RawFile first = files.remove(i);
        RawFile second = files.remove(i);
        files.add(
            i, new RawFile(first.firstClock(), second.lastClock(), first.rows() + second.rows(), true, null));
      }
    }
  }

  private static LedgerEntry commit(Number start, long clock, long rows) {
    return new LedgerEntry(
        clock,
        new Writer("run", "numbers", "extract"),
        "commit-" + clock,
        start == null ? Position.EMPTY : at(start.longValue()),
        at(clock),
        start == null ? null : start.longValue(),
        clock,
        rows,
        Map.of());
  }

  private static Position at(long offset) {
    return Position.EMPTY.startGeneration("topic", Map.of(0, offset));
  }

  private static List<RawFile> files(long... clocks) {
    return java.util.Arrays.stream(clocks).mapToObj(clock -> file(clock, clock, 5)).toList();
  }

  private static RawFile file(long firstClock, long lastClock, long rows) {
    return new RawFile(firstClock, lastClock, rows, true, null);
  }
}
