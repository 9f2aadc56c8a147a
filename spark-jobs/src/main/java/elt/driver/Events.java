package elt.driver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The driver's stdout: one JSON object per line, flushed, safe for several threads. Also keeps the tally of the run
 * (rows, rejects, first and last position, snapshot ids) that the {@code end} event reports, whatever way the run ends.
 */
public final class Events {
  private static final long IDLE_EVERY_NANOS = 30_000_000_000L;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;
  private final String runId;
  private final Metrics metrics;
  private final RunTally tally = new RunTally();
  private Long lastIdleNanos;

  /** Events of one run, written to {@code out}. */
  public Events(PrintStream out, String runId) {
    this(out, runId, Metrics.NONE);
  }

  /** As above; what happens is measured too. */
  public Events(PrintStream out, String runId, Metrics metrics) {
    this.out = out;
    this.runId = runId;
    this.metrics = metrics;
  }

  /** The Spark session is up, so many milliseconds after {@code main}. */
  public void started(String stage, long sinceMainMs) {
    metrics.started(sinceMainMs);
    Map<String, Object> event = event("started");
    event.put("stage", stage);
    event.put("sinceMainMs", sinceMainMs);
    write(event);
  }

  /** The run owns the table now. {@code position}: an {@code elt.ledger.Position}. */
  public void claimed(String table, long snapshotId, Object position) {
    Map<String, Object> event = event("claimed");
    event.put("table", table);
    event.put("snapshotId", Long.toString(snapshotId));
    event.put("position", position);
    write(event);
  }

  /** A batch is in the table, for good. */
  public synchronized void commit(CommitEvent commit) {
    tally.add(commit);
    metrics.commit(commit);
    Map<String, Object> event = event("commit");
    event.put("table", commit.table());
    event.put("commitId", commit.commitId());
    event.put("snapshotId", Long.toString(commit.snapshotId()));
    event.put("rows", commit.rows());
    event.put("rejects", commit.rejects());
    event.put("startPosition", commit.startPosition());
    event.put("endPosition", commit.endPosition());
    event.put("startIngestedAt", Micros.iso(commit.startIngestedAt()));
    event.put("ingestedAt", Micros.iso(commit.ingestedAt()));
    event.put("lag", commit.lag());
    event.put("writeMs", commit.writeMs());
    event.put("commitMs", commit.commitMs());
    write(event);
  }

  /** What was found or done in one step of maintenance. {@code text}: the same for people. */
  public void maintenance(String table, String step, boolean isDone, Map<String, ?> facts, String text) {
    Map<String, Object> event = event("maintenance");
    event.put("table", table);
    event.put("step", step);
    event.put("done", isDone);
    event.putAll(facts);
    event.put("text", text);
    write(event);
  }

  /** Something outside is down and the driver tries again. */
  public void waiting(String code, String message) {
    Map<String, Object> event = event("waiting");
    event.put("code", code);
    event.put("message", message);
    write(event);
  }

  /** What was waited for has come. */
  public void resumed() {
    write(event("resumed"));
  }

  /** Nothing to read; written at most every 30 s, call it as often as you like. */
  public synchronized void idle(long lag) {
    long now = System.nanoTime();
    if (lastIdleNanos != null && now - lastIdleNanos < IDLE_EVERY_NANOS) {
      return;
    }
    lastIdleNanos = now;
    Map<String, Object> event = event("idle");
    event.put("lag", lag);
    write(event);
  }

  /** The last event. {@code error} is null unless the run failed or was fenced. */
  public synchronized void end(RunState state, DriverException error) {
    Map<String, Object> event = event("end");
    event.put("state", state.word());
    event.put("rows", tally.rows());
    event.put("rejects", tally.rejects());
    event.put("startPosition", tally.startPosition());
    event.put("endPosition", tally.endPosition());
    event.put("snapshotIds", tally.snapshotIds());
    event.put("error", error == null ? null : Map.of("code", error.code(), "message", error.getMessage()));
    write(event);
  }

  private Map<String, Object> event(String name) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", name);
    event.put("runId", runId);
    return event;
  }

  private synchronized void write(Map<String, Object> event) {
    event.put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    try {
      // One write of the whole line: a line cut in two by another thread could not be parsed.
      byte[] line = (JSON.writeValueAsString(event) + "\n").getBytes(StandardCharsets.UTF_8);
      out.write(line, 0, line.length);
      out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Event " + event.get("event") + " cannot be written as JSON", e);
    }
  }
}
