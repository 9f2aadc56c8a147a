package elt.extract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

/** With Kafka's own scripted consumer; the same against a real broker is in ExtractStackTest. */
class KafkaRangeReaderTest {
  private static final TopicPartition P0 = new TopicPartition("t", 0);
  private static final TopicPartition P1 = new TopicPartition("t", 1);

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>(OffsetResetStrategy.NONE);
  private final TopicConsumer kept = new TopicConsumer(consumer, "t", "id");
  private final List<String> taken = new ArrayList<>();

  @Test
  void readsExactlyTheRangeOfMoreRecords() throws IOException {
    beginAt(0);
    consumer.schedulePollTask(() -> records(P0, 10, 11, 12, 13, 14, 15, 16));
    ReadResult result = reader(1_000, new OffsetRange(0, 11, 14)).read(this::take);
    assertEquals(List.of("0:11", "0:12", "0:13"), taken);
    assertEquals(new ReadResult.Complete(Map.of(), null), result);
  }

  @Test
  void countsGapsInsideAndSaysTheFirst() throws IOException {
    beginAt(0);
    consumer.schedulePollTask(() -> records(P0, 10, 13, 14, 17, 20));
    ReadResult result = reader(1_000, new OffsetRange(0, 10, 20)).read(this::take);
    assertEquals(List.of("0:10", "0:13", "0:14", "0:17"), taken);
    assertEquals(new ReadResult.Complete(Map.of(0, 6L), new OffsetRange(0, 11, 13)), result);
  }

  @Test
  void thePositionPassesControlRecordsAtTheTail() throws IOException {
    beginAt(0);
    consumer.schedulePollTask(() -> records(P0, 0, 1));
    consumer.schedulePollTask(() -> consumer.seek(P0, 3));
    ReadResult result = reader(1_000, new OffsetRange(0, 0, 3)).read(this::take);
    assertEquals(List.of("0:0", "0:1"), taken);
    assertEquals(new ReadResult.Complete(Map.of(0, 1L), new OffsetRange(0, 2, 3)), result);
  }

  @Test
  void readsSeveralPartitionsAtOnceAndPausesTheFinished() throws IOException {
    beginAt(0);
    consumer.schedulePollTask(
        () -> {
          records(P0, 0, 1, 2);
          records(P1, 5);
        });
    consumer.schedulePollTask(
        () -> {
          assertEquals(List.of(P0), List.copyOf(consumer.paused()));
          records(P1, 6);
        });
    ReadResult result = reader(1_000, new OffsetRange(0, 0, 2), new OffsetRange(1, 5, 7)).read(this::take);
    assertEquals(4, taken.size());
    assertEquals(new ReadResult.Complete(Map.of(), null), result);
  }

  @Test
  void whatWasHandedOutBeyondARangeBeginsTheNextOne() throws IOException {
    beginAt(0);
    consumer.schedulePollTask(() -> records(P0, 0, 1, 2, 3));
    reader(1_000, new OffsetRange(0, 0, 2)).read(this::take);
    // Kafka is not asked again: nothing is scheduled, and a poll would find nothing.
    ReadResult result = reader(0, new OffsetRange(0, 2, 4)).read(this::take);
    assertEquals(List.of("0:0", "0:1", "0:2", "0:3"), taken);
    assertEquals(new ReadResult.Complete(Map.of(), null), result);
  }

  @Test
  void theRestLastsForSeveralShortRangesAndThenKafkaGoesOn() throws IOException {
    beginAt(0);
    consumer.schedulePollTask(() -> records(P0, 0, 1, 2, 5));
    for (long from = 0; from < 4; from++) {
      reader(0, new OffsetRange(0, from, from + 1)).read(this::take);
    }
    consumer.schedulePollTask(() -> records(P0, 6));
    ReadResult result = reader(1_000, new OffsetRange(0, 4, 7)).read(this::take);
    assertEquals(List.of("0:0", "0:1", "0:2", "0:5", "0:6"), taken);
    assertEquals(new ReadResult.Complete(Map.of(0, 1L), new OffsetRange(0, 4, 5)), result);
  }

  @Test
  void aRangeThatBeginsElsewhereIsReadFromKafka() throws IOException {
    beginAt(0);
    consumer.schedulePollTask(() -> records(P0, 0, 1, 2, 3));
    reader(1_000, new OffsetRange(0, 0, 2)).read(this::take);
    assertEquals(1, kept.fits(List.of(new OffsetRange(0, 2, 3), new OffsetRange(1, 0, 1))));
    consumer.schedulePollTask(() -> records(P0, 1, 2, 3));
    ReadResult result = reader(1_000, new OffsetRange(0, 1, 3)).read(this::take);
    assertEquals(List.of("0:0", "0:1", "0:1", "0:2"), taken);
    assertEquals(new ReadResult.Complete(Map.of(), null), result);
  }

  @Test
  void aPartitionThatWasNotReadForABatchIsReadFromKafkaAgain() throws IOException {
    beginAt(0);
    consumer.schedulePollTask(() -> records(P0, 0, 1));
    reader(1_000, new OffsetRange(0, 0, 1)).read(this::take);
    consumer.schedulePollTask(() -> records(P1, 0));
    reader(1_000, new OffsetRange(1, 0, 1)).read(this::take);
    consumer.schedulePollTask(() -> records(P0, 1));
    ReadResult result = reader(1_000, new OffsetRange(0, 1, 2)).read(this::take);
    assertEquals(List.of("0:0", "1:0", "0:1"), taken);
    assertEquals(new ReadResult.Complete(Map.of(), null), result);
  }

  @Test
  void saysWhereItWaitedWhenNothingComes() throws IOException {
    beginAt(0);
    consumer.schedulePollTask(() -> records(P0, 0, 1));
    ReadResult result = reader(50, new OffsetRange(0, 0, 4)).read(this::take);
    String message = assertInstanceOf(ReadResult.Stalled.class, result).message();
    assertTrue(message.contains("partition 0") && message.contains("offset 2"), message);
  }

  @Test
  void anOffsetThatRetentionRemovedIsAValue() throws IOException {
    beginAt(100);
    consumer.setPollException(new OffsetOutOfRangeException(Map.of(P0, 5L)));
    ReadResult result = reader(1_000, new OffsetRange(0, 5, 10)).read(this::take);
    assertInstanceOf(ReadResult.OutOfRange.class, result);
    assertEquals(List.of(), taken);
  }

  @Test
  void refusedAccessIsAValue() throws IOException {
    beginAt(0);
    consumer.setPollException(new TopicAuthorizationException("t"));
    assertInstanceOf(ReadResult.Refused.class, reader(1_000, new OffsetRange(0, 0, 1)).read(this::take));
  }

  @Test
  void theSinksFailureIsAnException() {
    beginAt(0);
    consumer.schedulePollTask(() -> records(P0, 0));
    assertThrows(
        IOException.class,
        () ->
            reader(1_000, new OffsetRange(0, 0, 1))
                .read(
                    record -> {
                      throw new IOException("disk full");
                    }));
  }

  private KafkaRangeReader reader(long stallMs, OffsetRange... ranges) {
    return new KafkaRangeReader(kept, List.of(ranges), stallMs);
  }

  private void beginAt(long offset) {
    consumer.updateBeginningOffsets(Map.of(P0, offset, P1, offset));
    consumer.updateEndOffsets(Map.of(P0, 1_000L, P1, 1_000L));
  }

  private void records(TopicPartition partition, long... offsets) {
    for (long offset : offsets) {
      if (offset >= consumer.position(partition)) {
        consumer.addRecord(new ConsumerRecord<>("t", partition.partition(), offset, new byte[0], new byte[0]));
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    taken.add(record.partition() + ":" + record.offset());
  }
}
