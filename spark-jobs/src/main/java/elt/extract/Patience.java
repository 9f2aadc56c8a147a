package elt.extract;

import elt.driver.DriverException;
import elt.driver.Events;
import elt.driver.StopSignal;

/**
 * Waits out outages: twice as long each time, up to 30 s, saying so each time. A drain run has a goal
 * and a caller that waits for it, so its patience is limited; a follow run's is not.
 */
final class Patience {
  private static final long FIRST_WAIT_MS = 500;
  private static final long MAX_WAIT_MS = 30_000;

  private final Events events;
  private final StopSignal stop;
  private final long limitMs;
  private long sinceNanos;
  private long waitMs;

  /** {@code limitMs}: longest outage in a row; {@link Long#MAX_VALUE} for no limit. */
  Patience(Events events, StopSignal stop, long limitMs) {
    this.events = events;
    this.stop = stop;
    this.limitMs = limitMs;
  }

  /** What was down works again. */
  void restored() {
    waitMs = 0;
  }

  /**
   * Waits before the next attempt, or until stop is asked for.
   *
   * @throws DriverException with the outage's code, when it has lasted too long
   */
  void waitOut(OutageException outage) {
    if (waitMs == 0) {
      sinceNanos = System.nanoTime();
      waitMs = FIRST_WAIT_MS;
    }
    long lastedMs = (System.nanoTime() - sinceNanos) / 1_000_000;
    if (lastedMs >= limitMs) {
      throw new DriverException(
          outage.code(),
          "%s. Gave up after %d s; what was committed before is safe, run again to go on"
              .formatted(outage.getMessage(), lastedMs / 1000),
          outage);
    }
    events.waiting(outage.code(), outage.getMessage());
    stop.await(Math.min(waitMs, Math.max(1, limitMs - lastedMs)));
    waitMs = Math.min(MAX_WAIT_MS, 2 * waitMs);
  }
}
