package elt.extract;

import elt.driver.DriverException;
import elt.driver.ExtractSpec;
import elt.driver.OutageException;
import elt.driver.Outages;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.source.SerializableTableWithSize;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** Reads planned ranges into data files. Whatever does not end in a {@link Result} leaves no files behind. */
final class BatchReader {
  /** A broker that says nothing for so long is down; an ordinary leader change takes a few seconds. */
  static final long STALL_MS = 20_000;

  /**
   * Files that hold exactly the rows of the planned ranges.
   *
   * @param gaps offsets without a record, per partition; empty when there are none
   * @param bytes of keys, values and headers
   */
  record Result(
      String batchId, List<DataFile> files, long rows, long bytes, Map<Integer, Long> gaps, OffsetRange firstGap) {}

  private final JavaSparkContext spark;
  private final ExtractSpec spec;
  private final KafkaSettings kafka;
  private final Table table;
  private final Broadcast<Table> shipped;

  BatchReader(JavaSparkContext spark, ExtractSpec spec, KafkaSettings kafka, Table table) {
    this.spark = spark;
    this.spec = spec;
    this.kafka = kafka;
    this.table = table;
    this.shipped = spark.broadcast(SerializableTableWithSize.copyOf(table));
  }

  /** Starts to read a batch; the caller awaits or abandons it. */
  Reading start(ExtractPlan.Read plan, String batchId, long ingestedAt, BatchSize size) {
    RawTask task =
        new RawTask(shipped, kafka, spec.topic(), plan.topicId(), batchId, ingestedAt, STALL_MS);
    int tasks = size.tasks(plan.length(), spark.sc().defaultParallelism());
    SparkRead job = SparkRead.start(spark, task, RangeSplit.intoTasks(plan.ranges(), tasks));
    return new Reading(plan, batchId, ingestedAt, job);
  }

  /** A batch that is being read, or has been. */
  final class Reading {
    private final ExtractPlan.Read plan;
    private final String batchId;
    private final long ingestedAt;
    private final SparkRead job;

    private Reading(ExtractPlan.Read plan, String batchId, long ingestedAt, SparkRead job) {
      this.plan = plan;
      this.batchId = batchId;
      this.ingestedAt = ingestedAt;
      this.job = job;
    }

    ExtractPlan.Read plan() {
      return plan;
    }

    /** The commit clock of its rows, in micros. */
    long ingestedAt() {
      return ingestedAt;
    }

    /** How long it took to read and write the batch, the wait for the one before left out; {@code System.nanoTime} of that one's end. */
    long tookMs(long beforeEndedNanos) {
      return job.tookMs(beforeEndedNanos);
    }

    /** {@code System.nanoTime} of its end. */
    long endNanos() {
      return job.endNanos();
    }

    /**
     * Waits for the batch.
     *
     * @return null when {@code isAbandoned} said so first
     * @throws OutageException when Kafka or the lakehouse is down, or Kafka no longer has the offsets
     */
    Result await(BooleanSupplier isAbandoned) throws InterruptedException {
      boolean isKept = false;
      try {
        List<RawTask.Written> written = job.await(isAbandoned);
        Result result = written == null ? null : result(plan, batchId, job.files(), written);
        isKept = result != null;
        return result;
      } catch (InterruptedException | DriverException e) {
        throw e;
      } catch (Exception e) {
        throw failure(e);
      } finally {
        if (!isKept) {
          sweep();
        }
      }
    }

    /** Gives the batch up: its files are gone afterwards. */
    void abandon() {
      try {
        job.cancel();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        sweep();
      }
    }

    private void sweep() {
      BatchFiles.sweep(table, batchId, ingestedAt, job.files());
    }
  }

  private Result result(
      ExtractPlan.Read plan, String batchId, List<DataFile> files, List<RawTask.Written> written) {
    long rows = 0;
    long bytes = 0;
    long missing = 0;
    OffsetRange firstGap = null;
    Map<Integer, Long> gaps = new TreeMap<>();
    for (RawTask.Written each : written) {
      ReadResult.Complete complete = complete(each.result());
      rows += each.rows();
      bytes += each.bytes();
      complete.missing().forEach((partition, count) -> gaps.merge(partition, count, Long::sum));
      firstGap = firstGap == null ? complete.firstMissing() : firstGap;
    }
    for (long count : gaps.values()) {
      missing += count;
    }
    if (rows + missing != plan.length()) {
      throw new IllegalStateException(
          "Read %d rows and %d gaps of %d offsets: %s".formatted(rows, missing, plan.length(), plan.ranges()));
    }
    return new Result(batchId, files, rows, bytes, gaps, firstGap);
  }

  private ReadResult.Complete complete(ReadResult result) {
    if (result instanceof ReadResult.Complete complete) {
      return complete;
    }
    if (result instanceof ReadResult.Refused refused) {
      throw KafkaFailures.refused(spec.bootstrapServers(), refused.message(), null);
    }
    // Out of range, too: retention or the topic has changed, which the next plan will say precisely.
    throw new OutageException(
        KafkaFailures.UNREACHABLE,
        result instanceof ReadResult.Stalled stalled
            ? stalled.message()
            : ((ReadResult.OutOfRange) result).message(),
        null);
  }

  private static RuntimeException failure(Exception failure) {
    if (Outages.isOutage(failure)) {
      return new OutageException(
          "lakehouse-unreachable", "Writing the batch failed: " + root(failure), failure);
    }
    return failure instanceof RuntimeException unexpected ? unexpected : new IllegalStateException(failure);
  }

  /** Spark's own message has the stack trace of every attempt in it. */
  private static Throwable root(Throwable failure) {
    return failure.getCause() == null ? failure : root(failure.getCause());
  }
}
