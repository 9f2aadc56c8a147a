package elt.extract;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;

/**
 * Reads fixed offset ranges of one topic, each record exactly once and in order per partition, and
 * counts the offsets that hold no record.
 */
final class KafkaRangeReader {
  /** Takes the records as they come. */
  interface Sink {
    void accept(ConsumerRecord<byte[], byte[]> record) throws IOException;
  }

  private static final Duration POLL = Duration.ofMillis(500);

  private final TopicConsumer consumer;
  private final Map<TopicPartition, Progress> open = new HashMap<>();
  private final List<Progress> all = new ArrayList<>();
  private final long stallMs;

  /**
   * @param ranges at most one per partition
   * @param stallMs give up after so long without any progress
   */
  KafkaRangeReader(TopicConsumer consumer, List<OffsetRange> ranges, long stallMs) {
    this.consumer = consumer;
    this.stallMs = stallMs;
    for (OffsetRange range : ranges) {
      Progress progress = new Progress(consumer.partition(range), range);
      all.add(progress);
      if (range.length() > 0 && open.put(progress.partition, progress) != null) {
        throw new IllegalArgumentException("Two ranges of " + progress.partition + " in one task");
      }
    }
  }

  /** Reads to the end of every range. An exception is the sink's, or a bug. */
  ReadResult read(Sink sink) throws IOException {
    try {
      consumer.assign(open.values().stream().map(progress -> progress.range).toList());
      for (Progress progress : open.values()) {
        progress.take(consumer.takeRest(progress.partition), sink);
      }
      moveOn();
      long lastProgress = System.nanoTime();
      while (!open.isEmpty()) {
        if (poll(sink)) {
          lastProgress = System.nanoTime();
        } else if (System.nanoTime() - lastProgress > stallMs * 1_000_000) {
          return stalled();
        }
      }
      return complete();
    } catch (OffsetOutOfRangeException e) {
      return new ReadResult.OutOfRange(e.getMessage());
    } catch (AuthenticationException | AuthorizationException e) {
      return new ReadResult.Refused(e.getMessage());
    }
  }

  /** One poll; true when any partition moved on. */
  private boolean poll(Sink sink) throws IOException {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    for (TopicPartition partition : records.partitions()) {
      open.get(partition).take(records.records(partition), sink);
    }
    return moveOn() || !records.isEmpty();
  }

  /** Leaves finished partitions alone; true when any partition moved on. */
  private boolean moveOn() {
    boolean moved = false;
    List<TopicPartition> finished = new ArrayList<>();
    for (Progress progress : open.values()) {
      // The position passes what is never handed out: control records, aborted and compacted ones.
      moved |= progress.reach(consumer.position(progress.partition));
      if (progress.isComplete()) {
        finished.add(progress.partition);
      }
    }
    if (!finished.isEmpty()) {
      consumer.pause(finished);
      for (TopicPartition partition : finished) {
        Progress progress = open.remove(partition);
        consumer.stopAt(partition, progress.range.to(), progress.rest);
      }
    }
    return moved;
  }

  private ReadResult complete() {
    Map<Integer, Long> missing = new TreeMap<>();
    OffsetRange first = null;
    for (Progress progress : all) {
      progress.finish();
      if (progress.missing > 0) {
        missing.put(progress.range.partition(), progress.missing);
        first = first == null ? progress.firstMissing : first;
      }
    }
    return new ReadResult.Complete(missing, first);
  }

  private ReadResult stalled() {
    Progress progress = open.values().iterator().next();
    return new ReadResult.Stalled(
        "No record of topic %s partition %d arrived for %d s (waiting for offset %d, reading up to %d)"
            .formatted(
                progress.partition.topic(),
                progress.range.partition(),
                stallMs / 1000,
                progress.position,
                progress.range.to()));
  }

  /** How far one range has been read. */
  private static final class Progress {
    private final TopicPartition partition;
    private final OffsetRange range;
    private long expected;
    private long position;
    private long missing;
    private OffsetRange firstMissing;
    private List<ConsumerRecord<byte[], byte[]>> rest = List.of();

    Progress(TopicPartition partition, OffsetRange range) {
      this.partition = partition;
      this.range = range;
      this.expected = range.from();
      this.position = range.from();
    }

    void take(List<ConsumerRecord<byte[], byte[]>> records, Sink sink) throws IOException {
      for (int i = 0; i < records.size(); i++) {
        ConsumerRecord<byte[], byte[]> record = records.get(i);
        long offset = record.offset();
        if (offset >= range.to()) {
          rest = records.subList(i, records.size());
          return;
        }
        if (offset != expected) {
          skipTo(offset);
        }
        sink.accept(record);
        expected = offset + 1;
      }
    }

    boolean reach(long newPosition) {
      boolean moved = newPosition > position;
      position = newPosition;
      return moved;
    }

    boolean isComplete() {
      return position >= range.to();
    }

    void finish() {
      if (expected < range.to()) {
        skipTo(range.to());
      }
    }

    private void skipTo(long offset) {
      if (offset < expected) {
        throw new IllegalStateException(
            "%s handed out offset %d after %d".formatted(partition, offset, expected - 1));
      }
      firstMissing =
          firstMissing == null
              ? new OffsetRange(range.partition(), expected, offset)
              : firstMissing;
      missing += offset - expected;
    }
  }
}
