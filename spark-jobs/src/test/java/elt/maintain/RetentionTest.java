package elt.maintain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.maintain.Retention.Reason;
import elt.maintain.Retention.Verdict;
import elt.maintain.Retention.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RetentionTest {
  /** Ten snapshots, 1 (oldest) to 10 (current), made one a minute; each is at the clock of its own number. */
  private static List<Version> ten() {
    List<Version> newestFirst = new ArrayList<>();
    for (long id = 10; id >= 1; id--) {
      newestFirst.add(new Version(id, id, id * 60_000, (id + 1) * 60_000, id));
    }
    return newestFirst;
  }

  /** All is verified, nobody reads, nothing is recent: only the current one stays. */
  private static Retention idle() {
    return new Retention(ten(), List.of(), Set.of(10L), 10L, 10L, null, Long.MAX_VALUE);
  }

  private static Set<Long> expired(Retention retention) {
    return retention.verdict().expired().stream().map(Version::id).collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<Long> upTo(long last) {
    Set<Long> ids = new TreeSet<>();
    for (long id = 1; id <= last; id++) {
      ids.add(id);
    }
    return ids;
  }

  @Test
  void theCurrentOneStaysAlone() {
    assertEquals(upTo(9), expired(idle()));
    assertEquals(Map.of(Reason.CURRENT, 1), idle().verdict().kept());
  }

  @Test
  void anEmptyTableHasNothingToExpire() {
    assertEquals(
        new Verdict(List.of(), Map.of()),
        new Retention(List.of(), List.of(), Set.of(), null, null, null, 0).verdict());
  }

  @Test
  void whatWasReplacedAShortWhileAgoMayStillBeRead() {
    // Snapshot 6 is old, but until 7 took its place readers began with it.
    Retention retention = new Retention(ten(), List.of(), Set.of(), 10L, 10L, null, 7 * 60_000);
    assertEquals(upTo(5), expired(retention));
    assertEquals(Map.of(Reason.CURRENT, 1, Reason.RECENT, 4), retention.verdict().kept());
  }

  @Test
  void theBaselineAndWhatCameAfterItStay() {
    assertEquals(upTo(3), expired(new Retention(ten(), List.of(), Set.of(), 4L, 10L, null, Long.MAX_VALUE)));
  }

  @Test
  void withoutABaselineInTheHistoryNothingGoes() {
    assertEquals(Set.of(), expired(new Retention(ten(), List.of(), Set.of(), null, 10L, null, Long.MAX_VALUE)));
    assertEquals(Set.of(), expired(new Retention(ten(), List.of(), Set.of(), 99L, 10L, null, Long.MAX_VALUE)));
  }

  @Test
  void whatTransformHasNotReadStaysAndSoDoesWhereItStands() {
    assertEquals(upTo(4), expired(new Retention(ten(), List.of(), Set.of(), 10L, 10L, 5L, Long.MAX_VALUE)));
  }

  @Test
  void anUnknownClockIsNotTakenForAnOldOne() {
    List<Version> history = new ArrayList<>(ten());
    history.set(9, new Version(1, 1, 60_000, 120_000, null));
    assertEquals(Set.of(), expired(new Retention(history, List.of(), Set.of(), 10L, 10L, 5L, Long.MAX_VALUE)));
  }

  @Test
  void theNewestLedgerEntryStays() {
    assertEquals(upTo(6), expired(new Retention(ten(), List.of(), Set.of(), 10L, 7L, null, Long.MAX_VALUE)));
  }

  @Test
  void tagsStayAloneAndTheRestOfTheHistoryInOneLine() {
    Retention retention = new Retention(ten(), List.of(), Set.of(2L, 10L), 8L, 10L, null, Long.MAX_VALUE);
    assertEquals(Set.of(1L, 3L, 4L, 5L, 6L, 7L), expired(retention));
    assertEquals(1, retention.verdict().kept().get(Reason.REFERENCED));
  }

  @Test
  void clocksThatGoBackLeaveNoHole() {
    List<Version> history = new ArrayList<>(ten());
    // 4 was committed by a machine whose clock is an hour ahead.
    history.set(6, new Version(4, 4, 3_600_000, 4_000_000, 4L));
    assertEquals(upTo(3), expired(new Retention(history, List.of(), Set.of(), 10L, 10L, null, 3_000_000)));
  }

  @Test
  void whatARollbackLeftBehindStaysUntilItIsVerifiedAndOld() {
    Version before = new Version(101, 3, 0, 0, null);
    Version after = new Version(102, 9, 0, 0, null);
    Version young = new Version(103, 2, 0, 700_000, null);
    Version branch = new Version(104, 1, 0, 0, null);
    Retention retention =
        new Retention(ten(), List.of(before, after, young, branch), Set.of(104L), 8L, 10L, null, 650_000);
    Set<Long> expected = new TreeSet<>(upTo(7));
    expected.add(101L);
    assertEquals(expected, expired(retention));
  }

  @Test
  void whateverTheTableNothingNeededGoes() {
    long seed = Long.getLong("elt.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      Retention retention = any(random);
      Set<Long> gone = expired(retention);
      List<Version> history = retention.history();
      int firstGone = history.size();
      for (int k = history.size() - 1; k >= 0; k--) {
        Version version = history.get(k);
        if (gone.contains(version.id())) {
          firstGone = k;
          boolean isNeeded =
              k == 0
                  || retention.referenced().contains(version.id())
                  || history.get(k - 1).committedAtMs() >= retention.replacedBeforeMs()
                  || history.stream().noneMatch(one -> retention.baseline() != null && one.id() == retention.baseline())
                  || version.sequenceNumber() >= retention.baseline()
                  || version.id() == retention.newestEntry()
                  || retention.neededClock() != null && version.clock() >= retention.neededClock();
          assertTrue(!isNeeded, "seed " + seed + " round " + i + ": " + version + " of " + retention);
        }
      }
      for (int k = 0; k < firstGone; k++) {
        assertTrue(!gone.contains(history.get(k).id()), "seed " + seed + " round " + i + ": a hole in " + retention);
      }
      assertEquals(gone.size() + kept(retention), history.size() + retention.aside().size());
    }
  }

  private static int kept(Retention retention) {
    return retention.verdict().kept().values().stream().mapToInt(Integer::intValue).sum();
  }

  private static Retention any(Random random) {
    int size = 1 + random.nextInt(12);
    List<Version> newestFirst = new ArrayList<>();
    for (long id = size; id >= 1; id--) {
      newestFirst.add(new Version(id, id, id * 1_000, (id + 1) * 1_000, id));
    }
    Set<Long> referenced = new HashSet<>();
    if (random.nextBoolean()) {
      referenced.add((long) 1 + random.nextInt(size));
    }
    return new Retention(
        newestFirst,
        List.of(),
        referenced,
        random.nextInt(5) == 0 ? null : Long.valueOf(1 + random.nextInt(size + 2)),
        (long) 1 + random.nextInt(size),
        random.nextBoolean() ? null : Long.valueOf(random.nextInt(size + 2)),
        random.nextInt(size * 1_000 + 2_000));
  }
}
