package elt.maintain;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which snapshots of a table may expire. Pure.
 *
 * @param history the current snapshot and its ancestors, newest first, up to the first that has expired
 * @param aside snapshots that are there but no ancestors: of other branches, or left behind by a rollback
 * @param referenced heads of tags and branches, and what lies before those heads
 * @param baseline the last verified snapshot; null when there is none
 * @param newestEntry the snapshot of the newest ledger entry; null when it has expired
 * @param neededClock the smallest commit clock that a reader of RAW has reached; null when nobody reads
 * @param replacedBeforeMs a snapshot that lost its place later than this may still have readers
 */
record Retention(
    List<Version> history,
    List<Version> aside,
    Set<Long> referenced,
    Long baseline,
    Long newestEntry,
    Long neededClock,
    long replacedBeforeMs) {

  /**
   * A snapshot.
   *
   * @param replacedAtMs when another one took its place, which is when it became old; for the current one it does not matter
   * @param clock the commit clock that the table had reached; null when unknown
   */
  record Version(long id, long sequenceNumber, long committedAtMs, long replacedAtMs, Long clock) {}

  /** Why a snapshot stays. */
  enum Reason {
    CURRENT("current"),
    REFERENCED("of tags and branches"),
    RECENT("replaced a short while ago"),
    UNVERIFIED("last verified and after"),
    AWAITED("not yet read by TRANSFORM"),
    NEWEST_ENTRY("newest ledger entry and after");

    final String words;

    Reason(String words) {
      this.words = words;
    }
  }

  /** What goes, oldest first, and how many stay for which reason (the first that fits). */
  record Verdict(List<Version> expired, Map<Reason, Integer> kept) {}

  /** Applies the rules. The history stays one line: nothing goes that lies after something that stays for its place in it. */
  Verdict verdict() {
    Map<Long, Reason> kept = new HashMap<>();
    if (!history.isEmpty()) {
      keepHistory(kept);
    }
    Set<Long> verified = verified();
    for (Version version : aside) {
      if (referenced.contains(version.id())) {
        kept.put(version.id(), Reason.REFERENCED);
      } else if (version.replacedAtMs() >= replacedBeforeMs) {
        kept.put(version.id(), Reason.RECENT);
      } else if (!verified.contains(version.id())) {
        kept.put(version.id(), Reason.UNVERIFIED);
      }
    }
    List<Version> all = new ArrayList<>(aside);
    all.addAll(history);
    Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
    kept.values().forEach(reason -> counts.merge(reason, 1, Integer::sum));
    List<Version> expired =
        all.stream()
            .filter(version -> !kept.containsKey(version.id()))
            .sorted((left, right) -> Long.compare(left.sequenceNumber(), right.sequenceNumber()))
            .toList();
    return new Verdict(expired, counts);
  }

  private void keepHistory(Map<Long, Reason> kept) {
    Reason[] own = new Reason[history.size()];
    int oldest = 0;
    int lastUnverified = indexOfBaseline();
    for (int i = 0; i < own.length; i++) {
      own[i] = reason(i, lastUnverified);
      if (own[i] != null) {
        oldest = i;
      }
    }
    Reason later = null;
    for (int i = oldest; i >= 0; i--) {
      later = own[i] == null ? later : own[i];
      kept.put(history.get(i).id(), later);
    }
    history.stream()
        .filter(version -> referenced.contains(version.id()))
        .forEach(version -> kept.putIfAbsent(version.id(), Reason.REFERENCED));
  }

  /** Why the i-th newest of the history stays for its place in it. */
  private Reason reason(int i, int lastUnverified) {
    Version version = history.get(i);
    if (i == 0) {
      return Reason.CURRENT;
    }
    if (version.replacedAtMs() >= replacedBeforeMs) {
      return Reason.RECENT;
    }
    if (neededClock != null && (version.clock() == null || version.clock() >= neededClock)) {
      return Reason.AWAITED;
    }
    if (i <= lastUnverified) {
      return Reason.UNVERIFIED;
    }
    return newestEntry != null && newestEntry == version.id() ? Reason.NEWEST_ENTRY : null;
  }

  /** Where the baseline lies in the history; its end when it does not, for then nothing is known to be verified. */
  private int indexOfBaseline() {
    for (int i = 0; i < history.size(); i++) {
      if (baseline != null && history.get(i).id() == baseline) {
        return i;
      }
    }
    return history.size();
  }

  /** What a rollback left behind after the last verification is evidence; what came before was looked at. */
  private Set<Long> verified() {
    Set<Long> verified = new HashSet<>();
    int base = indexOfBaseline();
    if (base < history.size()) {
      aside.stream()
          .filter(one -> one.sequenceNumber() < history.get(base).sequenceNumber())
          .forEach(one -> verified.add(one.id()));
    }
    return verified;
  }
}
