package elt.driver;

/**
 * The request to stop. Installed for SIGTERM and SIGINT it replaces the JVM's own handlers, so no JVM shutdown begins
 * and Spark's shutdown hook cannot stop the context under a commit; the driver ends by itself when the flag is set.
 */
public final class StopSignal {
  /** A signal that only {@link #request()} sets: for tests and embedding. */
  public StopSignal() {}

  /** A signal set by SIGTERM or SIGINT. */
  public static StopSignal install() {
    throw new UnsupportedOperationException("next commit");
  }

  /** Asks the driver to stop; repeated requests do nothing. */
  public void request() {}

  /** True once stop was asked for. */
  public boolean isRequested() {
    return false;
  }

  /** Waits up to {@code millis} for the request; true when stop was asked for. */
  public boolean await(long millis) {
    return false;
  }
}
