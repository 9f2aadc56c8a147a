package elt.extract;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * The work of one Spark task: read its ranges into one file. Runs in the executors. The ranges are
 * fixed by the driver, so an attempt after a failed one writes the same rows, into another file.
 *
 * @param batchId names the files of one batch
 * @param ingestedAt the batch's commit clock, in micros
 */
record RawTask(
    Broadcast<Table> table,
    KafkaSettings kafka,
    String topic,
    String topicId,
    String batchId,
    long ingestedAt,
    long stallMs)
    implements Serializable {

  /**
   * What a task leaves behind.
   *
   * @param files normally one; none when not all was read, or there was no record
   */
  record Written(List<DataFile> files, ReadResult result, long rows, long bytes) implements Serializable {}

  Written run(List<OffsetRange> ranges) {
    Table raw = table.value();
    TaskContext task = TaskContext.get();
    RawFileWriter writer =
        new RawFileWriter(
            raw,
            RawFile.names(raw, task.partitionId(), task.taskAttemptId(), batchId),
            topicId,
            ingestedAt);
    try {
      ReadResult result = read(ranges, writer);
      if (result instanceof ReadResult.Complete) {
        return new Written(writer.finish(), result, writer.rows(), writer.bytes());
      }
      writer.abort();
      return new Written(List.of(), result, 0, 0);
    } catch (IOException e) {
      writer.abort();
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      writer.abort();
      throw e;
    }
  }

  private ReadResult read(List<OffsetRange> ranges, RawFileWriter writer) throws IOException {
    TopicConsumer consumer = ConsumerPool.take(kafka, topic, topicId, ranges);
    boolean isReusable = false;
    try {
      KafkaRangeReader reader = new KafkaRangeReader(consumer, ranges, stallMs);
      ReadResult result = reader.read(writer::write);
      isReusable = result instanceof ReadResult.Complete;
      return result;
    } finally {
      if (isReusable) {
        ConsumerPool.giveBack(kafka, consumer);
      } else {
        consumer.close();
      }
    }
  }
}
