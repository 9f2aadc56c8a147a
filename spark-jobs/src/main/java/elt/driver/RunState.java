package elt.driver;

import java.util.Locale;

/** How a driver's run ended, and the exit code that says so. */
public enum RunState {
  SUCCEEDED(0),
  STOPPED(0),
  FAILED(1),
  FENCED(7);

  private final int exitCode;

  RunState(int exitCode) {
    this.exitCode = exitCode;
  }

  /** The exit code of the driver's process. */
  public int exitCode() {
    return exitCode;
  }

  /** The word used in events and in {@code elt.released}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
