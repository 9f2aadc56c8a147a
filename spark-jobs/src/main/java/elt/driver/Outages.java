package elt.driver;

import java.util.concurrent.Callable;

/**
 * Waits out outages of Kafka and the lakehouse: back-off from half a second to 30 s with a {@code waiting} event each time,
 * bounded only by the request to stop.
 */
public final class Outages {
  /** How long an outcome that must become certain is still asked for once stop was requested. */
  static final long GRACE_MS = 20_000;

  private static final long FIRST_WAIT_MS = 500;
  private static final long LONGEST_WAIT_MS = 30_000;

  private final Reporter reporter;
  private final StopSignal stop;
  private final long firstWaitMs;

  /** Who hears of an outage. */
  private interface Reporter {
    void waiting(String code, String message);
  }

  /** Outages reported to {@code events} and waited out until {@code stop}. */
  public Outages(Events events, StopSignal stop) {
    this(events, stop, FIRST_WAIT_MS);
  }

  Outages(Events events, StopSignal stop, long firstWaitMs) {
    this(events::waiting, stop, firstWaitMs);
  }

  private Outages(Reporter reporter, StopSignal stop, long firstWaitMs) {
    this.reporter = reporter;
    this.stop = stop;
    this.firstWaitMs = firstWaitMs;
  }

  /** Outages waited out in silence and for some seconds only, as if stop had been asked for: for tools and tests. */
  public static Outages brief() {
    StopSignal stop = new StopSignal();
    stop.request();
    return new Outages((code, message) -> {}, stop, 10);
  }

  /**
   * Runs {@code action} until it succeeds or fails for another reason than an outage. The action must be safe to repeat.
   *
   * @param code {@code kafka-unreachable} or {@code lakehouse-unreachable}
   * @throws DriverException with {@code code} when stop is asked for during an outage
   */
  public <T> T retry(String code, Callable<T> action) {
    return retry(code, action, 0);
  }

  /** As {@link #retry}, but goes on for 20 s after stop was asked for: for outcomes that must become certain. */
  public <T> T settle(String code, Callable<T> action) {
    return retry(code, action, GRACE_MS);
  }

  private <T> T retry(String code, Callable<T> action, long graceMs) {
    long waitMs = firstWaitMs;
    long stopSeenNanos = 0;
    while (true) {
      try {
        return action.call();
      } catch (Exception failure) {
        if (!OutageKinds.isOutage(failure)) {
          throw rethrow(failure);
        }
        if (stop.isRequested()) {
          stopSeenNanos = stopSeenNanos == 0 ? System.nanoTime() : stopSeenNanos;
          if (System.nanoTime() - stopSeenNanos >= graceMs * 1_000_000) {
            throw new DriverException(code, "Stopped while waiting: " + OutageKinds.describe(failure), failure);
          }
        }
        reporter.waiting(code, OutageKinds.describe(failure) + " Next try in " + waitMs + " ms.");
        pause(waitMs);
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      }
    }
  }

  /** Sleeps, but a request to stop ends a long sleep early. */
  private void pause(long millis) {
    if (stop.isRequested()) {
      new StopSignal().await(Math.min(millis, 1_000));
    } else {
      stop.await(millis);
    }
  }

  /** True when the failure, or one of its causes, is an outage that may pass by itself. */
  public static boolean isOutage(Throwable failure) {
    return OutageKinds.isOutage(failure);
  }

  private static RuntimeException rethrow(Exception failure) {
    return failure instanceof RuntimeException unchecked
        ? unchecked
        : new DriverException("internal", OutageKinds.describe(failure), failure);
  }
}
