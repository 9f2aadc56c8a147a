package elt.driver;

import java.io.PrintStream;

/**
 * The driver's stdout: one JSON object per line, flushed, safe for several threads. Also keeps the tally of the run
 * (rows, rejects, first and last position, snapshot ids) that the {@code end} event reports, whatever way the run ends.
 */
public final class Events {
  /** Events of one run, written to {@code out}. */
  public Events(PrintStream out, String runId) {
    throw new UnsupportedOperationException("next commit");
  }

  /** The Spark session is up, so many milliseconds after {@code main}. */
  public void started(String stage, long sinceMainMs) {}

  /** The run owns the table now. {@code position}: an {@code elt.ledger.Position}. */
  public void claimed(String table, long snapshotId, Object position) {}

  /** A batch is in the table, for good. */
  public void commit(CommitEvent commit) {}

  /** Something outside is down and the driver tries again. */
  public void waiting(String code, String message) {}

  /** Nothing to read; written at most every 30 s, call it as often as you like. */
  public void idle(long lag) {}

  /** The last event. {@code error} is null unless the run failed or was fenced. */
  public void end(RunState state, DriverException error) {}
}
