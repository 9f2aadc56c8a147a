package elt.extract;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** What nobody should send, and somebody will. */
final class BadRecords {
  private BadRecords() {}

  static List<ProducerRecord<byte[], byte[]>> all(String topic) {
    List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>();
    for (String text : List.of("", "  ", "007", "-0", "+5", "1e3", "12.5", "99999999999999999999", "٣", "NaN", "a\0b")) {
      all.add(new ProducerRecord<>(topic, text.getBytes(StandardCharsets.UTF_8)));
    }
    all.add(new ProducerRecord<>(topic, new byte[] {(byte) 0xc3, 0x28, (byte) 0xff}));
    all.add(new ProducerRecord<>(topic, null, null));
    all.add(new ProducerRecord<>(topic, new byte[0], null));
    byte[] large = new byte[900_000];
    new Random(1).nextBytes(large);
    all.add(new ProducerRecord<>(topic, large));
    all.add(new ProducerRecord<>(topic, large, large));
    // Larger than a whole fetch may be by default for a partition (1 MiB); Kafka hands it out nevertheless.
    byte[] larger = new byte[3_000_000];
    new Random(2).nextBytes(larger);
    all.add(new ProducerRecord<>(topic, larger));
    all.add(new ProducerRecord<>(topic, null, null, null, new byte[] {1}, manyHeaders()));
    for (long timestamp :
        List.of(
            0L,
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli(),
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli() + 1,
            1_795_366_799_999_000_000L,
            Long.MAX_VALUE)) {
      all.add(new ProducerRecord<>(topic, null, timestamp, null, new byte[] {1}));
    }
    return all;
  }

  private static List<Header> manyHeaders() {
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      headers.add(new RecordHeader("h" + i % 10, i % 3 == 0 ? null : new byte[] {(byte) i}));
    }
    headers.add(new RecordHeader("", new byte[0]));
    return headers;
  }
}
