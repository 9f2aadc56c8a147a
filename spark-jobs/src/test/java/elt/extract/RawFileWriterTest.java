package elt.extract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.LocalSpark;
import elt.ledger.LakehouseTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class RawFileWriterTest {
  // 2026-11-22T16:59:59.999999Z, and the first microsecond of the next hour
  private static final long CLOCK = 1_795_366_799_999_999L;

  private final String name = "raw.writer_" + UUID.randomUUID().toString().replace('-', '_');
  private final Table table =
      LakehouseTable.open(
          Spark3Util.loadIcebergCatalog(LocalSpark.session(), "lakehouse"), name, RawTable.declaration("p/extract"));

  @Test
  void whatIsWrittenIsReadBackByteForByte() throws IOException {
    byte[] allBytes = new byte[256];
    for (int i = 0; i < allBytes.length; i++) {
      allBytes[i] = (byte) i;
    }
    RecordHeaders headers = new RecordHeaders();
    headers.add("h", allBytes).add("h", null).add("é", new byte[0]);
    RawFileWriter writer = writer(CLOCK);
    writer.write(record(0, 1_234, null, allBytes, headers));
    writer.write(record(1, Long.MAX_VALUE, new byte[0], null, new RecordHeaders()));
    commit(only(writer));

    List<Row> rows = LocalSpark.session().sql("SELECT * FROM lakehouse." + name + " ORDER BY kafka_offset").collectAsList();
    assertEquals(2, rows.size());
    Row first = rows.get(0);
    assertEquals("topic-id", first.getString(0));
    assertEquals(1_234, first.<java.sql.Timestamp>getAs("kafka_timestamp").getTime());
    assertTrue(first.isNullAt(5));
    assertArrayEquals(allBytes, first.getAs("kafka_value"));
    List<Row> read = first.getList(7);
    assertEquals(List.of("h", "h", "é"), read.stream().map(header -> header.getString(0)).toList());
    assertArrayEquals(allBytes, read.get(0).getAs("value"));
    assertTrue(read.get(1).isNullAt(1));
    assertEquals(0, read.get(2).<byte[]>getAs("value").length);
    Row second = rows.get(1);
    assertTrue(second.isNullAt(3));
    assertEquals(Long.MAX_VALUE, second.<Long>getAs("kafka_timestamp_ms"));
    assertEquals(0, second.<byte[]>getAs("kafka_key").length);
    assertTrue(second.isNullAt(6));
    assertTrue(second.isNullAt(7));
  }

  @Test
  void theFileSaysItsHourItsRowsAndTheBoundsOfPartitionOffsetAndClock() throws IOException {
    RawFileWriter writer = writer(CLOCK);
    writer.write(record(41, 0, null, new byte[] {1}, new RecordHeaders()));
    writer.write(record(43, 0, null, new byte[] {1, 2, 3}, new RecordHeaders()));
    DataFile file = only(writer);
    assertEquals("ingested_at_hour=2026-11-22-16", table.spec().partitionToPath(file.partition()));
    assertEquals(2, file.recordCount());
    int offset = table.schema().findField("kafka_offset").fieldId();
    assertEquals(41L, (Long) Conversions.fromByteBuffer(Types.LongType.get(), file.lowerBounds().get(offset)));
    assertEquals(43L, (Long) Conversions.fromByteBuffer(Types.LongType.get(), file.upperBounds().get(offset)));
    int value = table.schema().findField("kafka_value").fieldId();
    assertNull(file.lowerBounds().get(value), "no bounds of the bytes: they may be secret, and large");
    assertEquals(4, writer.bytes());
  }

  @Test
  void thePartitionIsTheHourOfTheClock() throws IOException {
    RawFileWriter writer = writer(CLOCK + 1);
    writer.write(record(1, 0, null, null, new RecordHeaders()));
    assertEquals("ingested_at_hour=2026-11-22-17", table.spec().partitionToPath(only(writer).partition()));
  }

  @Test
  void withoutRecordsThereIsNoFile() throws IOException {
    assertEquals(List.of(), writer(CLOCK).finish());
    assertEquals(List.of(), parquetFiles());
  }

  @Test
  void anAbortedFileIsDeleted() throws IOException {
    RawFileWriter writer = writer(CLOCK);
    writer.write(record(1, 0, null, new byte[100], new RecordHeaders()));
    writer.abort();
    assertEquals(List.of(), parquetFiles());
  }

  @Test
  void anAbortedFileIsDeletedInAnInterruptedThreadToo() throws IOException {
    RawFileWriter writer = writer(CLOCK);
    writer.write(record(1, 0, null, new byte[100], new RecordHeaders()));
    Thread.currentThread().interrupt();
    writer.abort();
    assertTrue(Thread.interrupted(), "the interrupt is kept for Spark");
    assertEquals(List.of(), parquetFiles());
  }

  @Test
  void attemptsOfOneTaskWriteDifferentFiles() throws IOException {
    RawFileWriter first = new RawFileWriter(table, RawFile.names(table, 0, 1, "batch"), "topic-id", CLOCK);
    RawFileWriter second = new RawFileWriter(table, RawFile.names(table, 0, 2, "batch"), "topic-id", CLOCK);
    first.write(record(1, 0, null, null, new RecordHeaders()));
    second.write(record(1, 0, null, null, new RecordHeaders()));
    first.abort();
    assertEquals(List.of(only(second).location()), parquetFiles());
  }

  @Test
  void largeRecordsAmongSmallOnesDoNotFillMemory() throws IOException {
    RawFileWriter writer = writer(CLOCK);
    for (int offset = 0; offset < 400; offset++) {
      writer.write(record(offset, 0, null, incompressible(offset % 10 == 0 ? 10 : 1_000_000), new RecordHeaders()));
    }
    DataFile file = only(writer);
    assertEquals(400, file.recordCount());
    // What a row group holds is in memory until it is full: 32 MiB, and at most one block more.
    List<Long> starts = file.splitOffsets();
    assertEquals(11, starts.size(), starts::toString);
    for (int i = 1; i < starts.size(); i++) {
      assertTrue(starts.get(i) - starts.get(i - 1) < 34 << 20, starts::toString);
    }
    writer.abort();
    assertEquals(List.of(), parquetFiles());
  }

  private static byte[] incompressible(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static DataFile only(RawFileWriter writer) throws IOException {
    List<DataFile> files = writer.finish();
    assertEquals(1, files.size());
    return files.get(0);
  }

  private RawFileWriter writer(long clock) {
    return new RawFileWriter(
        table, RawFile.names(table, 0, 1, UUID.randomUUID().toString()), "topic-id", clock);
  }

  private void commit(DataFile file) {
    table.newAppend().appendFile(file).commit();
    LocalSpark.session().sql("REFRESH TABLE lakehouse." + name);
  }

  private List<String> parquetFiles() throws IOException {
    Path folder = Path.of(java.net.URI.create("file:" + table.location().replaceFirst("^file:", "")));
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(Path::toString).filter(path -> path.endsWith(".parquet")).toList();
    }
  }

  private static ConsumerRecord<byte[], byte[]> record(
      long offset, long timestamp, byte[] key, byte[] value, RecordHeaders headers) {
    return new ConsumerRecord<>(
        "t",
        3,
        offset,
        timestamp,
        TimestampType.CREATE_TIME,
        key == null ? -1 : key.length,
        value == null ? -1 : value.length,
        key,
        value,
        headers,
        Optional.empty());
  }
}
