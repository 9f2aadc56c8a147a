package elt.driver;

import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;
import scala.Option;
import scala.collection.JavaConverters;

/** Ends a Spark job so that none of its tasks writes a file behind the driver's back. */
public final class JobCancellation {
  private static final long LIMIT_MS = 5_000;
  private static final long LOOK_MS = 20;

  private JobCancellation() {}

  /** Cancels the job and waits, for at most 5 s, until it has ended and none of its tasks runs any more. Other jobs go on. */
  public static void cancel(SparkContext spark, SimpleFutureAction<?> job) throws InterruptedException {
    job.cancel();
    long deadline = System.nanoTime() + LIMIT_MS * 1_000_000;
    // Cancelling is a message to the scheduler: until it has taken it, tasks of a job just submitted may still start.
    while ((!job.isCompleted() || runningTasks(spark, job) > 0) && System.nanoTime() < deadline) {
      Thread.sleep(LOOK_MS);
    }
  }

  private static int runningTasks(SparkContext spark, SimpleFutureAction<?> job) {
    SparkStatusTracker tracker = spark.statusTracker();
    int running = 0;
    for (Object jobId : JavaConverters.seqAsJavaList(job.jobIds())) {
      Option<SparkJobInfo> info = tracker.getJobInfo((Integer) jobId);
      for (int stageId : info.isEmpty() ? new int[0] : info.get().stageIds()) {
        Option<SparkStageInfo> stage = tracker.getStageInfo(stageId);
        running += stage.isEmpty() ? 0 : stage.get().numActiveTasks();
      }
    }
    return running;
  }
}
