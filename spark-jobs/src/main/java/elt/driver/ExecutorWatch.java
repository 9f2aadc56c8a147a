package elt.driver;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.apache.spark.SparkContext;

/**
 * Tells of a session that has had no executor for a minute, with a {@code waiting} event each minute and a {@code resumed} event
 * after the last. Spark waits for executors without a word and for ever, also when every one of them ends as it starts.
 */
public final class ExecutorWatch implements AutoCloseable {
  static final String CODE = "no-executor";
  private static final long LOOK_EVERY_MS = 1_000;
  private static final long TELL_AFTER_MS = 60_000;

  private final IntSupplier executors;
  private final Events events;
  private final String message;
  private final long tellAfterMs;
  private final ScheduledExecutorService clock;
  private long sinceNanos = System.nanoTime();
  private boolean isTold;

  ExecutorWatch(IntSupplier executors, Events events, String application, long lookEveryMs, long tellAfterMs) {
    this.executors = executors;
    this.events = events;
    this.tellAfterMs = tellAfterMs;
    this.message =
        "No executor for %d s: either no worker of Spark has the cores and the memory that one needs (the master's page), or each ends as it starts (its stderr, on the workers' pages: application %s)."
            .formatted(tellAfterMs / 1_000, application);
    this.clock =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "executor-watch");
              thread.setDaemon(true);
              return thread;
            });
    clock.scheduleWithFixedDelay(this::look, lookEveryMs, lookEveryMs, TimeUnit.MILLISECONDS);
  }

  /** Watches a session until it is closed. A local session needs no executors. */
  public static ExecutorWatch over(SparkContext spark, Events events) {
    // The driver's own memory is in the list.
    IntSupplier executors = () -> spark.isLocal() ? 1 : spark.getExecutorMemoryStatus().size() - 1;
    return new ExecutorWatch(executors, events, spark.applicationId(), LOOK_EVERY_MS, TELL_AFTER_MS);
  }

  private void look() {
    int alive;
    try {
      alive = executors.getAsInt();
    } catch (RuntimeException stopping) {
      return;
    }
    if (alive > 0) {
      sinceNanos = System.nanoTime();
      if (isTold) {
        isTold = false;
        events.resumed();
      }
    } else if (System.nanoTime() - sinceNanos >= tellAfterMs * 1_000_000) {
      sinceNanos = System.nanoTime();
      isTold = true;
      events.waiting(CODE, message);
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
