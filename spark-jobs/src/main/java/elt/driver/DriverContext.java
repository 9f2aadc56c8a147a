package elt.driver;

/**
 * What a stage needs of its process.
 *
 * @param mainStartedNanos {@link System#nanoTime()} at main
 */
public record DriverContext<S extends DriverSpec>(
    S spec, Events events, StopSignal stop, Outages outages, long mainStartedNanos) {

  /** Milliseconds since main, for the {@code started} event. */
  public long sinceMainMs() {
    return (System.nanoTime() - mainStartedNanos) / 1_000_000;
  }
}
