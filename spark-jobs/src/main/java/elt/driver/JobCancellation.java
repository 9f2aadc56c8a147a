package elt.driver;

import java.util.Arrays;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;

/** Ends a Spark job so that none of its tasks writes a file behind the driver's back. */
public final class JobCancellation {
  private static final long LIMIT_MS = 5_000;
  private static final long LOOK_MS = 20;

  private JobCancellation() {}

  /** Cancels the job and waits, for at most 5 s, until it has ended and no task runs any more. */
  public static void cancel(SparkContext spark, SimpleFutureAction<?> job) throws InterruptedException {
    job.cancel();
    long deadline = System.nanoTime() + LIMIT_MS * 1_000_000;
    // Cancelling is a message to the scheduler: until it has taken it, tasks of a job just submitted may still start.
    while ((!job.isCompleted() || runningTasks(spark) > 0) && System.nanoTime() < deadline) {
      Thread.sleep(LOOK_MS);
    }
  }

  private static int runningTasks(SparkContext spark) {
    return Arrays.stream(spark.statusTracker().getExecutorInfos())
        .mapToInt(executor -> executor.numRunningTasks())
        .sum();
  }
}
