package elt.extract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import elt.LocalSpark;
import elt.ledger.LakehouseTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.shaded.org.apache.parquet.column.Encoding;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.iceberg.shaded.org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.types.Types;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.TimestampType;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class RawParquetTest {
  private static final long CLOCK = 1_800_000_000_000_001L;
  private static final long SEED = Long.getLong("elt.seed", System.nanoTime());

  private final String name = "raw.parquet_" + UUID.randomUUID().toString().replace('-', '_');
  private final Table table =
      LakehouseTable.open(
          Spark3Util.loadIcebergCatalog(LocalSpark.session(), "lakehouse"), name, RawTable.declaration("p/extract"));

  @Test
  void recordsOfEveryKindAreReadBackOverManyPagesAndRowGroups() throws IOException {
    System.out.println("RawParquetTest: -Delt.seed=" + SEED);
    table
        .updateProperties()
        .set("write.parquet.page-size-bytes", "2048")
        .set("write.parquet.row-group-size-bytes", "80000")
        .commit();
    Random random = new Random(SEED);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 6_000; i++) {
      records.add(anything(random, i));
    }
    OutputFile file = write(records);
    ParquetMetadata footer = footer(file);
    assertTrue(footer.getBlocks().size() > 2, "several row groups");
    assertEquals(records.size(), footer.getBlocks().stream().mapToLong(BlockMetaData::getRowCount).sum());
    List<Record> rows = read(file);
    assertEquals(records.size(), rows.size());
    for (int i = 0; i < records.size(); i++) {
      assertSame(records.get(i), rows.get(i));
    }
  }

  @Test
  void sparkReadsItColumnByColumn() throws IOException {
    Random random = new Random(SEED);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      records.add(anything(random, i));
    }
    assertSparkReads(records);
  }

  @Test
  void sparkReadsPagesWithoutAKeyAValueOrATime() throws IOException {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      records.add(new ConsumerRecord<>(
          "topic", 0, i, RecordBatch.NO_TIMESTAMP, TimestampType.CREATE_TIME, -1, -1, null, null, new RecordHeaders(),
          Optional.empty()));
    }
    assertSparkReads(records);
  }

  /** A column's pages are encoded differently then. */
  @Test
  void sparkReadsPagesWithAndWithoutValuesInTurn() throws IOException {
    table.updateProperties().set("write.parquet.page-row-limit", "1024").commit();
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      boolean isAbsent = i / 1_024 % 2 == 0;
      byte[] bytes = isAbsent ? null : ("a" + i).getBytes();
      records.add(new ConsumerRecord<>(
          "topic", 0, i, isAbsent ? RecordBatch.NO_TIMESTAMP : i, TimestampType.CREATE_TIME, -1, -1, bytes, bytes,
          new RecordHeaders(), Optional.empty()));
    }
    assertSparkReads(records);
  }

  private void assertSparkReads(List<ConsumerRecord<byte[], byte[]>> records) throws IOException {
    RawFileWriter writer = new RawFileWriter(table, RawFile.names(table, 0, 1, "batch"), "topic-id", CLOCK);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      writer.write(record);
    }
    DataFile file = writer.finish().get(0);
    table.newAppend().appendFile(file).commit();
    LocalSpark.session().sql("REFRESH TABLE lakehouse." + name);
    // Without the headers: a list of structs would turn column-wise reading off.
    List<Row> rows =
        LocalSpark.session()
            .sql("SELECT kafka_topic_id, kafka_partition, kafka_offset, kafka_timestamp, kafka_timestamp_ms, kafka_key, kafka_value,"
                + " ingested_at FROM lakehouse." + name + " ORDER BY kafka_offset")
            .collectAsList();
    assertEquals(records.size(), rows.size());
    for (int i = 0; i < rows.size(); i++) {
      ConsumerRecord<byte[], byte[]> record = records.get(i);
      Row row = rows.get(i);
      assertEquals("topic-id", row.getString(0));
      assertEquals(record.partition(), row.getInt(1));
      assertEquals(record.offset(), row.getLong(2));
      assertEquals(RawColumns.isTime(record.timestamp()), !row.isNullAt(3));
      assertEquals(record.timestamp(), row.getLong(4));
      assertArrayEquals(record.key(), row.<byte[]>getAs(5));
      assertArrayEquals(record.value(), row.<byte[]>getAs(6));
    }
  }

  @Test
  void timesAreThoseOfYears1To9999() {
    assertTrue(RawColumns.isTime(0));
    assertTrue(RawColumns.isTime(-2));
    assertTrue(RawColumns.isTime(Instant.parse("0001-01-01T00:00:00Z").toEpochMilli()));
    assertTrue(RawColumns.isTime(Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli()));
    assertFalse(RawColumns.isTime(RawColumns.MIN_TIMESTAMP_MS - 1));
    assertFalse(RawColumns.isTime(RawColumns.MAX_TIMESTAMP_MS + 1));
    assertFalse(RawColumns.isTime(1_763_800_000_000_000_000L), "nanoseconds sent as milliseconds");
    assertFalse(RawColumns.isTime(Long.MAX_VALUE));
    assertFalse(RawColumns.isTime(Long.MIN_VALUE));
    assertFalse(RawColumns.isTime(-1), "Kafka's \"no timestamp\"");
  }

  @Test
  void columnsAddedByOthersStayNullWhateverTheyAre() throws IOException {
    table
        .updateSchema()
        .addColumn("theirs", Types.LongType.get())
        .addColumn("nested", Types.StructType.of(Types.NestedField.optional(1, "a", Types.ListType.ofOptional(2, Types.StringType.get()))))
        .moveAfter("theirs", "kafka_partition")
        .commit();
    ConsumerRecord<byte[], byte[]> record = record(1, 42, 1, null, new byte[] {7}, new RecordHeaders());
    Record row = read(write(List.of(record))).get(0);
    assertNull(row.getField("theirs"));
    assertNull(row.getField("nested"));
    assertSame(record, row);
  }

  @Test
  void pagesInWhichNothingChangesAreReadBack() throws IOException {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      // No key, no header and a time everywhere; in the second half no value.
      byte[] value = i < 25_000 ? Integer.toString(i).getBytes() : null;
      records.add(record(1, i, 1_763_800_000_000L, null, value, new RecordHeaders()));
    }
    List<Record> rows = read(write(records));
    assertEquals(records.size(), rows.size());
    for (int i = 0; i < records.size(); i++) {
      assertSame(records.get(i), rows.get(i));
    }
  }

  @Test
  void opaqueBytesHaveNoDictionaryAndNoBoundsAndAscendingNumbersTakeHardlyAnyRoom() throws IOException {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      records.add(record(1, i, 1_763_800_000_000L + i / 100, null, "secret".getBytes(), new RecordHeaders()));
    }
    for (BlockMetaData block : footer(write(records)).getBlocks()) {
      for (ColumnChunkMetaData column : block.getColumns()) {
        Set<Encoding> encodings = column.getEncodings();
        switch (column.getPath().toDotString()) {
          case RawTable.KEY, RawTable.VALUE -> {
            boolean isNull = column.getPath().toDotString().equals(RawTable.KEY);
            assertEquals(Set.of(Encoding.RLE, isNull ? Encoding.PLAIN : Encoding.DELTA_LENGTH_BYTE_ARRAY), encodings);
            assertTrue(column.getStatistics().isEmpty(), column::toString);
          }
          case RawTable.PARTITION, RawTable.OFFSET, RawTable.TIMESTAMP, RawTable.TIMESTAMP_MS -> {
            assertTrue(encodings.contains(Encoding.DELTA_BINARY_PACKED), column::toString);
            assertTrue(column.getTotalSize() < records.size() / 8, column::toString);
          }
          case RawTable.TOPIC_ID, RawTable.INGESTED_AT -> assertTrue(column.getTotalSize() < 1_000, column::toString);
          default -> {}
        }
      }
    }
  }

  private OutputFile write(List<ConsumerRecord<byte[], byte[]>> records) throws IOException {
    OutputFile file = table.io().newOutputFile(table.location() + "/data/" + UUID.randomUUID() + ".parquet");
    RawParquet parquet = new RawParquet(table, file, "topic-id", CLOCK);
    RecordBlock block = new RecordBlock();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      block.add(record);
      if (block.isFull()) {
        parquet.write(block);
        block.clear();
      }
    }
    parquet.write(block);
    parquet.close();
    parquet.close();
    assertEquals(records.size(), parquet.metrics().recordCount());
    return file;
  }

  private List<Record> read(OutputFile file) throws IOException {
    try (CloseableIterable<Record> rows =
        Parquet.read(file.toInputFile())
            .project(table.schema())
            .createReaderFunc(schema -> GenericParquetReaders.buildReader(table.schema(), schema))
            .build()) {
      List<Record> all = new ArrayList<>();
      rows.forEach(row -> all.add(row.copy()));
      return all;
    }
  }

  private static ParquetMetadata footer(OutputFile file) throws IOException {
    var path = new org.apache.hadoop.fs.Path(file.location());
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(path, new org.apache.hadoop.conf.Configuration()))) {
      return reader.getFooter();
    }
  }

  private static void assertSame(ConsumerRecord<byte[], byte[]> record, Record row) {
    assertEquals("topic-id", row.getField(RawTable.TOPIC_ID));
    assertEquals(record.partition(), row.getField(RawTable.PARTITION));
    assertEquals(record.offset(), row.getField(RawTable.OFFSET));
    OffsetDateTime time = (OffsetDateTime) row.getField(RawTable.TIMESTAMP);
    assertEquals(RawColumns.isTime(record.timestamp()) ? record.timestamp() : null, time == null ? null : time.toInstant().toEpochMilli());
    assertEquals(record.timestamp(), row.getField(RawTable.TIMESTAMP_MS));
    assertArrayEquals(record.key(), bytes(row.getField(RawTable.KEY)));
    assertArrayEquals(record.value(), bytes(row.getField(RawTable.VALUE)));
    assertHeaders(record.headers().toArray(), (List<?>) row.getField(RawTable.HEADERS));
    Instant clock = ((OffsetDateTime) row.getField(RawTable.INGESTED_AT)).toInstant();
    assertEquals(CLOCK, clock.getEpochSecond() * 1_000_000 + clock.getNano() / 1_000);
  }

  private static void assertHeaders(Header[] sent, List<?> read) {
    if (sent.length == 0) {
      assertNull(read);
      return;
    }
    assertEquals(Arrays.stream(sent).map(Header::key).toList(), read.stream().map(each -> ((Record) each).getField("key")).toList());
    for (int i = 0; i < sent.length; i++) {
      assertArrayEquals(sent[i].value(), bytes(((Record) read.get(i)).getField("value")));
    }
  }

  private static byte[] bytes(Object read) {
    if (read == null) {
      return null;
    }
    ByteBuffer buffer = ((ByteBuffer) read).duplicate();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static ConsumerRecord<byte[], byte[]> anything(Random random, long offset) {
    RecordHeaders headers = new RecordHeaders();
    for (int i = random.nextInt(5) - 2; i > 0; i--) {
      headers.add(random.nextBoolean() ? "k" : "é", bytes(random, 9));
    }
    long[] times = {0, -1, -2, Long.MAX_VALUE, Long.MIN_VALUE, 1_763_800_000_000L + offset, RawColumns.MAX_TIMESTAMP_MS};
    long time = random.nextInt(4) == 0 ? times[random.nextInt(times.length)] : 1_763_800_000_000L + offset;
    // Gaps, and another partition in the middle, as a task with two ranges has.
    return record(offset < 2_000 ? 3 : 1, offset * 3, time, bytes(random, 20), bytes(random, 200), headers);
  }

  /** Null, empty or random. */
  private static byte[] bytes(Random random, int most) {
    if (random.nextInt(4) == 0) {
      return null;
    }
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static ConsumerRecord<byte[], byte[]> record(
      int partition, long offset, long timestamp, byte[] key, byte[] value, RecordHeaders headers) {
    return new ConsumerRecord<>(
        "t", partition, offset, timestamp, TimestampType.CREATE_TIME, 0, 0, key, value, headers, Optional.empty());
  }
}
