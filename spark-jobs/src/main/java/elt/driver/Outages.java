package elt.driver;

import java.util.concurrent.Callable;

/**
 * Waits out outages of Kafka and the lakehouse: back-off from half a second to 30 s with a {@code waiting} event each time,
 * bounded only by the request to stop.
 */
public final class Outages {
  /** Outages reported to {@code events} and waited out until {@code stop}. */
  public Outages(Events events, StopSignal stop) {}

  /**
   * Runs {@code action} until it succeeds or fails for another reason than an outage. The action must be safe to repeat.
   *
   * @param code {@code kafka-unreachable} or {@code lakehouse-unreachable}
   * @throws DriverException with {@code code} when stop is asked for during an outage
   */
  public <T> T retry(String code, Callable<T> action) {
    throw new UnsupportedOperationException("next commit");
  }

  /** True when the failure, or one of its causes, is an outage that may pass by itself. */
  public static boolean isOutage(Throwable failure) {
    return false;
  }
}
