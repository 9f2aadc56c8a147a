package elt.driver;

/**
 * When to give up the batch in hand: 30 s after stop was asked for, or at the second request. Well within
 * {@code spark.worker.driverTerminateTimeout} (60 s), after which the driver is killed.
 */
public final class Abandonment {
  private static final long FINISH_MS = 30_000;

  private final StopSignal stop;
  private long requestedNanos;

  /** Follows {@code stop}. */
  public Abandonment(StopSignal stop) {
    this.stop = stop;
  }

  /** True from the moment on when the batch shall be given up. */
  public boolean isDue() {
    if (!stop.isRequested()) {
      return false;
    }
    if (requestedNanos == 0) {
      requestedNanos = System.nanoTime();
    }
    return stop.isUrgent() || System.nanoTime() - requestedNanos > FINISH_MS * 1_000_000;
  }
}
