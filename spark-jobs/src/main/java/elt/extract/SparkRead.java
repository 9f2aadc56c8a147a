package elt.extract;

import elt.driver.JobCancellation;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.DataFile;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import scala.collection.JavaConverters;
import scala.concurrent.Await;
import scala.concurrent.duration.Duration;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction1;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * One Spark job that reads a batch. Results are collected task by task, so that the files of finished
 * tasks are known also when the job is abandoned or fails.
 */
final class SparkRead {
  private final JavaSparkContext spark;
  private final AtomicReferenceArray<RawTask.Written> results;
  private final SimpleFutureAction<BoxedUnit> job;
  private final long startedNanos = System.nanoTime();
  private final AtomicLong endedNanos;

  private SparkRead(
      JavaSparkContext spark,
      SimpleFutureAction<BoxedUnit> job,
      AtomicReferenceArray<RawTask.Written> results,
      AtomicLong endedNanos) {
    this.spark = spark;
    this.job = job;
    this.results = results;
    this.endedNanos = endedNanos;
  }

  /** Starts the job: one Spark task per list of ranges. */
  static SparkRead start(JavaSparkContext spark, RawTask task, List<List<OffsetRange>> tasks) {
    AtomicReferenceArray<RawTask.Written> results = new AtomicReferenceArray<>(tasks.size());
    List<Object> partitions = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      partitions.add(i);
    }
    // Interrupt: a task waiting for a broker or for S3 must not be waited for.
    spark.setJobGroup(task.batchId(), "read " + task.topic(), true);
    AtomicLong endedNanos = new AtomicLong(System.nanoTime());
    SimpleFutureAction<BoxedUnit> job =
        spark
            .sc()
            .submitJob(
                spark.parallelize(tasks, tasks.size()).rdd(),
                new InTask(task),
                JavaConverters.asScalaBuffer(partitions),
                new Keep(results, endedNanos),
                new Nothing());
    return new SparkRead(spark, job, results, endedNanos);
  }

  /**
   * Waits for the job's end.
   *
   * @return the tasks' results, or null when {@code isAbandoned} said so first
   * @throws Exception what made the job fail
   */
  List<RawTask.Written> await(BooleanSupplier isAbandoned) throws Exception {
    while (!job.isCompleted()) {
      if (isAbandoned.getAsBoolean()) {
        cancel();
        return null;
      }
      try {
        Await.ready(job, Duration.create(200, TimeUnit.MILLISECONDS));
      } catch (TimeoutException stillRunning) {
        continue;
      }
    }
    Await.result(job, Duration.Zero());
    return written();
  }

  /** Ends the job, and returns when none of its tasks writes any more. */
  void cancel() throws InterruptedException {
    JobCancellation.cancel(spark.sc(), job);
  }

  /** From the job's start, or from {@code notBeforeNanos} if that was later, to the end of the task that ended last. */
  long tookMs(long notBeforeNanos) {
    long since = notBeforeNanos - startedNanos > 0 ? notBeforeNanos : startedNanos;
    return (endedNanos.get() - since) / 1_000_000;
  }

  /** {@code System.nanoTime} at the end of the task that ended last. */
  long endNanos() {
    return endedNanos.get();
  }

  /** The files that finished tasks have written so far. */
  List<DataFile> files() {
    return written().stream().flatMap(each -> each.files().stream()).toList();
  }

  private List<RawTask.Written> written() {
    RawTask.Written[] all = new RawTask.Written[results.length()];
    Arrays.setAll(all, results::get);
    return Arrays.stream(all).filter(Objects::nonNull).toList();
  }

  private static final class InTask
      extends AbstractFunction1<scala.collection.Iterator<List<OffsetRange>>, RawTask.Written>
      implements Serializable {
    private final RawTask task;

    InTask(RawTask task) {
      this.task = task;
    }

    @Override
    public RawTask.Written apply(scala.collection.Iterator<List<OffsetRange>> ranges) {
      return task.run(ranges.next());
    }
  }

  private static final class Keep extends AbstractFunction2<Object, RawTask.Written, BoxedUnit> {
    private final AtomicReferenceArray<RawTask.Written> results;
    private final AtomicLong endedNanos;

    Keep(AtomicReferenceArray<RawTask.Written> results, AtomicLong endedNanos) {
      this.results = results;
      this.endedNanos = endedNanos;
    }

    @Override
    public BoxedUnit apply(Object partition, RawTask.Written written) {
      results.set((Integer) partition, written);
      endedNanos.set(System.nanoTime());
      return BoxedUnit.UNIT;
    }
  }

  private static final class Nothing extends AbstractFunction0<BoxedUnit> {
    @Override
    public BoxedUnit apply() {
      return BoxedUnit.UNIT;
    }
  }
}
