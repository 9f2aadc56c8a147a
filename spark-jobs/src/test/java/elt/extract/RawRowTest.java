package elt.extract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;

class RawRowTest {
  private static final long CLOCK = 1_800_000_000_000_001L;
  private final RawRow row = new RawRow(RawTable.SCHEMA, "topic-id", CLOCK);

  @Test
  void showsEveryPartOfTheRecordInPlace() {
    byte[] key = {1};
    byte[] value = {0, (byte) 0xff};
    InternalRow shown = row.show(record(42, 1_234, key, value, new RecordHeaders()));
    assertEquals("topic-id", shown.getString(0));
    assertEquals(3, shown.getInt(1));
    assertEquals(42, shown.getLong(2));
    assertEquals(1_234_000, shown.getLong(3));
    assertEquals(1_234, shown.getLong(4));
    assertSame(key, shown.getBinary(5));
    assertSame(value, shown.getBinary(6));
    assertTrue(shown.isNullAt(7));
    assertEquals(CLOCK, shown.getLong(8));
  }

  @Test
  void nothingOfARecordRemainsInTheNext() {
    RecordHeaders headers = new RecordHeaders();
    headers.add("h", new byte[] {1});
    row.show(record(1, 5, new byte[] {1}, new byte[] {2}, headers));
    InternalRow shown = row.show(record(2, Long.MAX_VALUE, null, null, new RecordHeaders()));
    for (int ordinal : new int[] {3, 5, 6, 7}) {
      assertTrue(shown.isNullAt(ordinal), "column " + ordinal);
    }
  }

  @Test
  void nullAndEmptyAreDifferent() {
    InternalRow shown = row.show(record(1, 5, null, new byte[0], new RecordHeaders()));
    assertTrue(shown.isNullAt(5));
    assertEquals(0, shown.getBinary(6).length);
  }

  @Test
  void headersKeepOrderDuplicatesAndNulls() {
    RecordHeaders headers = new RecordHeaders();
    headers.add("b", new byte[] {1}).add("a", null).add("b", new byte[0]);
    InternalRow shown = row.show(record(1, 5, null, null, headers));
    assertEquals(3, shown.getArray(7).numElements());
    assertEquals("b", shown.getArray(7).getStruct(0, 2).getString(0));
    assertArrayEquals(new byte[] {1}, shown.getArray(7).getStruct(0, 2).getBinary(1));
    assertTrue(shown.getArray(7).getStruct(1, 2).isNullAt(1));
    assertEquals(0, shown.getArray(7).getStruct(2, 2).getBinary(1).length);
  }

  @Test
  void timesAreThoseOfYears1To9999() {
    assertEquals(0, RawRow.micros(0));
    assertEquals(-2_000, RawRow.micros(-2));
    assertEquals(Instant.parse("0001-01-01T00:00:00Z").toEpochMilli() * 1000, RawRow.micros(RawRow.MIN_TIMESTAMP_MS));
    assertEquals(
        Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli() * 1000, RawRow.micros(RawRow.MAX_TIMESTAMP_MS));
    assertNull(RawRow.micros(RawRow.MIN_TIMESTAMP_MS - 1));
    assertNull(RawRow.micros(RawRow.MAX_TIMESTAMP_MS + 1));
    assertNull(RawRow.micros(1_763_800_000_000_000_000L), "nanoseconds sent as milliseconds");
    assertNull(RawRow.micros(Long.MAX_VALUE));
    assertNull(RawRow.micros(Long.MIN_VALUE));
    assertNull(RawRow.micros(-1), "Kafka's \"no timestamp\"");
  }

  @Test
  void columnsAddedByOthersStayNullWhereverTheyAre() {
    List<Types.NestedField> columns = new ArrayList<>(RawTable.SCHEMA.columns());
    columns.add(2, Types.NestedField.optional(99, "theirs", Types.LongType.get()));
    InternalRow shown =
        new RawRow(new Schema(columns), "topic-id", CLOCK).show(record(42, 1, null, null, new RecordHeaders()));
    assertTrue(shown.isNullAt(2));
    assertEquals(42, shown.getLong(3));
    assertEquals(CLOCK, shown.getLong(9));
  }

  private static ConsumerRecord<byte[], byte[]> record(
      long offset, long timestamp, byte[] key, byte[] value, RecordHeaders headers) {
    return new ConsumerRecord<>(
        "t", 3, offset, timestamp, TimestampType.CREATE_TIME, 0, 0, key, value, headers, Optional.empty());
  }
}
