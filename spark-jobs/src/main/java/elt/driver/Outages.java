package elt.driver;

import java.util.concurrent.Callable;

/**
 * Waits out outages of Kafka and the lakehouse: back-off from half a second to 30 s with a {@code waiting} event each time,
 * bounded by the request to stop and, where there is one, by a limit.
 */
public final class Outages {
  /** How long an outcome that must become certain is still asked for once stop was requested. */
  static final long GRACE_MS = 20_000;

  private static final long FIRST_WAIT_MS = 500;
  private static final long LONGEST_WAIT_MS = 30_000;

  private final Reporter reporter;
  private final StopSignal stop;
  private final long firstWaitMs;
  private final long limitMs;

  /** Who hears of an outage. */
  private interface Reporter {
    void waiting(String code, String message);
  }

  /** Outages reported to {@code events} and waited out until {@code stop}. */
  public Outages(Events events, StopSignal stop) {
    this(events, stop, FIRST_WAIT_MS);
  }

  Outages(Events events, StopSignal stop, long firstWaitMs) {
    this(events::waiting, stop, firstWaitMs, Long.MAX_VALUE);
  }

  private Outages(Reporter reporter, StopSignal stop, long firstWaitMs, long limitMs) {
    this.reporter = reporter;
    this.stop = stop;
    this.firstWaitMs = firstWaitMs;
    this.limitMs = limitMs;
  }

  /** The same, but an outage that lasts longer than {@code millis} is a failure: for runs that somebody waits for. */
  public Outages limitedTo(long millis) {
    return new Outages(reporter, stop, firstWaitMs, millis);
  }

  /** Outages waited out in silence and for some seconds only, as if stop had been asked for: for tools and tests. */
  public static Outages brief() {
    StopSignal stop = new StopSignal();
    stop.request();
    return new Outages((code, message) -> {}, stop, 10, Long.MAX_VALUE);
  }

  /**
   * Runs {@code action} until it succeeds or fails for another reason than an outage. The action must be safe to repeat.
   *
   * @param code {@code kafka-unreachable} or {@code lakehouse-unreachable}; an {@link OutageException} has its own
   * @throws DriverException with the code when stop is asked for during an outage, or it lasts too long
   */
  public <T> T retry(String code, Callable<T> action) {
    return retry(code, action, 0);
  }

  /** As {@link #retry}, but goes on for 20 s after stop was asked for: for outcomes that must become certain. */
  public <T> T settle(String code, Callable<T> action) {
    return retry(code, action, GRACE_MS);
  }

  private <T> T retry(String code, Callable<T> action, long graceMs) {
    Wait wait = new Wait(graceMs);
    while (true) {
      try {
        return action.call();
      } catch (OutageException outage) {
        wait.out(outage.code(), outage);
      } catch (DriverException decided) {
        // Whoever made it has waited already, or knows that waiting does not help.
        throw decided;
      } catch (Exception failure) {
        if (!OutageKinds.isOutage(failure)) {
          throw rethrow(failure);
        }
        wait.out(code, failure);
      }
    }
  }

  /** The waiting in one outage. */
  private final class Wait {
    private final long graceMs;
    private long sinceNanos;
    private long waitMs = firstWaitMs;
    private long stopSeenNanos;

    Wait(long graceMs) {
      this.graceMs = graceMs;
    }

    void out(String code, Exception failure) {
      giveUpWhenStopped(code, failure);
      sinceNanos = sinceNanos == 0 ? System.nanoTime() : sinceNanos;
      long lastedMs = (System.nanoTime() - sinceNanos) / 1_000_000;
      if (lastedMs >= limitMs) {
        throw new DriverException(
            code,
            OutageKinds.describe(failure)
                + " Gave up after "
                + lastedMs / 1000
                + " s; what was committed before is safe, run again to go on",
            failure);
      }
      reporter.waiting(code, OutageKinds.describe(failure) + " Next try in " + waitMs + " ms.");
      pause(Math.min(waitMs, Math.max(1, limitMs - lastedMs)));
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }

    private void giveUpWhenStopped(String code, Exception failure) {
      if (stop.isRequested()) {
        stopSeenNanos = stopSeenNanos == 0 ? System.nanoTime() : stopSeenNanos;
        if (System.nanoTime() - stopSeenNanos >= graceMs * 1_000_000) {
          throw new DriverException(code, "Stopped while waiting: " + OutageKinds.describe(failure), failure);
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
