package elt.ledger;

/** The commit clock: strictly increasing from commit to commit, close to the wall clock. */
public final class CommitClock {
  private CommitClock() {}

  /** The clock of the commit after {@code previousMicros} (null before the first rows): {@code max(now, previous + 1)}. */
  public static long next(Long previousMicros) {
    return next(previousMicros, System.currentTimeMillis() * 1000);
  }

  static long next(Long previousMicros, long nowMicros) {
    return previousMicros == null ? nowMicros : Math.max(nowMicros, Math.addExact(previousMicros, 1));
  }
}
