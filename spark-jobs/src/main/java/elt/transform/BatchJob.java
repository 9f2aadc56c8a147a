package elt.transform;

import elt.driver.JobCancellation;
import elt.driver.OutageException;
import elt.driver.Outages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.concurrent.Await;
import scala.concurrent.duration.Duration;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * The one Spark job of a batch. Results are collected task by task, so that the files of finished tasks
 * are known also when the job is abandoned or fails.
 */
final class BatchJob {
  private static final long LOOK_MS = 200;

  private final SparkContext spark;
  private final AtomicReferenceArray<BatchTask.Written> results;
  private final SimpleFutureAction<BoxedUnit> job;

  private BatchJob(
      SparkContext spark, AtomicReferenceArray<BatchTask.Written> results, SimpleFutureAction<BoxedUnit> job) {
    this.spark = spark;
    this.results = results;
    this.job = job;
  }

  /** Starts the job: as many tasks as the rows have partitions. */
  static BatchJob start(Dataset<Row> rows, BatchTask task) {
    RDD<InternalRow> computed = rows.queryExecution().toRdd();
    int partitions = computed.getNumPartitions();
    AtomicReferenceArray<BatchTask.Written> results = new AtomicReferenceArray<>(partitions);
    SparkContext spark = rows.sparkSession().sparkContext();
    // Interrupt: a task that waits for S3 must not be waited for.
    spark.setJobGroup(task.batchId(), "transform", true);
    List<Object> all = new ArrayList<>(IntStream.range(0, partitions).boxed().toList());
    SimpleFutureAction<BoxedUnit> job =
        spark.submitJob(computed, task, Scala.seq(all), new Keep(results), new Nothing());
    return new BatchJob(spark, results, job);
  }

  /**
   * Waits for the job's end.
   *
   * @return all files, or empty when {@code isAbandoned} said so first
   * @throws OutageException when the lakehouse is down
   */
  Optional<BatchTask.Written> await(BooleanSupplier isAbandoned) throws InterruptedException {
    try {
      while (!endsWithin(LOOK_MS)) {
        if (isAbandoned.getAsBoolean()) {
          cancel();
          return Optional.empty();
        }
      }
      Await.result(job, Duration.Zero());
      return Optional.of(written());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      throw failure(e);
    }
  }

  /** Ends the job, and returns when none of its tasks writes any more. */
  void cancel() throws InterruptedException {
    JobCancellation.cancel(spark, job);
  }

  /** What finished tasks have written so far. */
  BatchTask.Written written() {
    BatchTask.Written[] all = new BatchTask.Written[results.length()];
    Arrays.setAll(all, results::get);
    return new BatchTask.Written(
        finished(all).flatMap(written -> written.silver().stream()).toList(),
        finished(all).flatMap(written -> written.rejects().stream()).toList());
  }

  private static Stream<BatchTask.Written> finished(BatchTask.Written[] all) {
    return Arrays.stream(all).filter(Objects::nonNull);
  }

  /** Waits for the job's end, at most so long; whether it has ended. */
  boolean endsWithin(long ms) throws InterruptedException {
    try {
      Await.ready(job, Duration.create(ms, TimeUnit.MILLISECONDS));
    } catch (TimeoutException stillRunning) {
      return false;
    }
    return true;
  }

  private static RuntimeException failure(Exception failure) {
    if (Outages.isOutage(failure)) {
      return new OutageException("lakehouse-unreachable", "Transforming the batch failed: " + root(failure), failure);
    }
    return failure instanceof RuntimeException unexpected ? unexpected : new IllegalStateException(failure);
  }

  /** Spark's own message has the stack trace of every attempt in it. */
  private static Throwable root(Throwable failure) {
    return failure.getCause() == null ? failure : root(failure.getCause());
  }

  private static final class Keep extends AbstractFunction2<Object, BatchTask.Written, BoxedUnit> {
    private final AtomicReferenceArray<BatchTask.Written> results;

    Keep(AtomicReferenceArray<BatchTask.Written> results) {
      this.results = results;
    }

    @Override
    public BoxedUnit apply(Object partition, BatchTask.Written written) {
      results.set((Integer) partition, written);
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
