package elt.extract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import elt.driver.DriverException;
import elt.driver.Mode;
import elt.driver.RunState;
import elt.ledger.LakehouseTable;
import elt.ledger.LedgerEntry;
import elt.ledger.LedgeredAppend;
import elt.ledger.Position;
import elt.ledger.Writer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** EXTRACT against a real broker, in a real Spark (local), into real Iceberg tables. */
@Tag("stack")
class ExtractStackTest {
  @Test
  void drainReadsEverythingOnceAndThenNothing() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(3)) {
      kafka.send(0, 10_000, 3);
      ExtractRun first = ExtractRun.of(kafka, Mode.DRAIN, Map.of("maxRowsPerCommit", 3_000));
      assertEquals(RunState.SUCCEEDED, first.run());
      RawRows raw = new RawRows(kafka.topic);
      assertEquals(10_000, raw.count("count(DISTINCT CAST(kafka_value AS STRING))"));
      raw.assertNothingTwice();
      raw.assertNoOrphans();
      assertEquals(4, first.events("commit").size());
      assertEquals(0, first.events("commit").get(3).get("lag").asLong());
      assertEquals(
          List.of("3000", "3000", "3000", "1000"), raw.moves().stream().map(each -> each.get("elt.rows")).toList());
      assertEquals(1, raw.count("count(DISTINCT kafka_topic_id)"));
      assertEquals(4, raw.count("count(DISTINCT ingested_at)"));

      long snapshot = raw.table().currentSnapshot().snapshotId();
      ExtractRun second = ExtractRun.of(kafka, Mode.DRAIN, Map.of());
      assertEquals(RunState.SUCCEEDED, second.run());
      assertEquals(List.of(), second.events("claimed"), "nothing to read: no claim");
      assertEquals(snapshot, raw.table().currentSnapshot().snapshotId(), "nothing to read: no commit");

      kafka.send(10_000, 10_001, 3);
      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
      assertEquals(10_001, raw.count("count(*)"));
    }
  }

  @Test
  void anEmptyTopicLeavesNoTableBehind() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(2)) {
      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
      assertTrue(LakehouseTable.find(ExtractRun.CATALOG, "raw." + kafka.topic).isEmpty());
    }
  }

  @Test
  void badRecordsAreKeptByteForByte() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(2)) {
      Map<String, ProducerRecord<byte[], byte[]>> sent = new HashMap<>();
      for (ProducerRecord<byte[], byte[]> record : BadRecords.all(kafka.topic)) {
        RecordMetadata metadata = kafka.send(record);
        sent.put(metadata.partition() + ":" + metadata.offset(), record);
      }
      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
      List<Row> rows = new RawRows(kafka.topic).sql("");
      assertEquals(sent.size(), rows.size());
      for (Row row : rows) {
        ProducerRecord<byte[], byte[]> record = sent.remove(row.getAs("kafka_partition") + ":" + row.getAs("kafka_offset"));
        assertArrayEquals(record.key(), row.getAs("kafka_key"));
        assertArrayEquals(record.value(), row.getAs("kafka_value"));
        assertEquals(headers(record), headers(row));
        if (record.timestamp() != null) {
          assertEquals(record.timestamp(), row.<Long>getAs("kafka_timestamp_ms"));
          assertEquals(
              record.timestamp() > RawColumns.MAX_TIMESTAMP_MS, row.isNullAt(row.fieldIndex("kafka_timestamp")));
        }
      }
      assertEquals(Map.of(), sent);
    }
  }

  @Test
  void abortedAndControlRecordsAreCountedGapsWhereGapsAreAllowed() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(1)) {
      kafka.send(0, 5, 1);
      kafka.transaction(false, (producer, topic) -> producer.send(new ProducerRecord<>(topic, new byte[] {1})));
      kafka.transaction(true, (producer, topic) -> producer.send(new ProducerRecord<>(topic, new byte[] {2})));
      DriverException forbidden =
          assertThrows(DriverException.class, () -> ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
      assertEquals("offset-gap", forbidden.code());
      assertTrue(forbidden.getMessage().contains("3 in partition 0"), forbidden.getMessage());
      RawRows raw = new RawRows(kafka.topic);
      assertEquals(0, raw.count("count(*)"));
      raw.assertNoOrphans();

      ExtractRun run = ExtractRun.of(kafka, Mode.DRAIN, Map.of("gaps", "allow"));
      assertEquals(RunState.SUCCEEDED, run.run());
      assertEquals(6, raw.count("count(*)"));
      assertEquals("{\"0\":3}", raw.moves().get(0).get("elt.gaps"));
      assertEquals("{\"0\":\"9\"}", run.events("commit").get(0).at("/endPosition/0/offsets").toString());
    }
  }

  @Test
  void aBatchOfNothingButGapsMovesThePositionWithoutAFile() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(1)) {
      kafka.transaction(false, (producer, topic) -> producer.send(new ProducerRecord<>(topic, new byte[] {1})));
      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of("gaps", "allow")).run());
      Map<String, String> move = new RawRows(kafka.topic).moves().get(0);
      assertEquals("0", move.get("elt.rows"));
      assertEquals("{\"0\":2}", move.get("elt.gaps"));
    }
  }

  @Test
  void aTopicCreatedAnewIsASecondGenerationOnceAccepted() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(2)) {
      kafka.send(0, 100, 2);
      ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run();
      kafka.recreate(2);
      kafka.send(0, 60, 2);
      DriverException refused =
          assertThrows(DriverException.class, () -> ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
      assertEquals("topic-recreated", refused.code());
      RawRows raw = new RawRows(kafka.topic);
      assertEquals(100, raw.count("count(*)"));

      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of("acceptNewTopic", true)).run());
      assertEquals(160, raw.count("count(*)"));
      assertEquals(2, raw.count("count(DISTINCT kafka_topic_id)"));
      raw.assertNothingTwice();
      Map<String, String> opened = raw.moves().get(1);
      assertEquals("0", opened.get("elt.rows"));
      assertTrue(opened.get("elt.accepted-new-topic").startsWith("{\"from\":\""), opened.toString());
      assertTrue(opened.get("elt.position").contains("\"closed\":true"), opened.toString());
      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
    }
  }

  @Test
  void recordsLostToRetentionStopTheRunUntilTheLossIsAccepted() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(2)) {
      kafka.send(0, 100, 2);
      ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run();
      kafka.send(100, 300, 2);
      kafka.deleteBefore(1, 80);
      DriverException refused =
          assertThrows(DriverException.class, () -> ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
      assertEquals("retention-overtook", refused.code());
      assertTrue(refused.getMessage().contains("(partition 1: offsets 50 to 79 (30))"), refused.getMessage());

      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of("acceptLoss", true)).run());
      RawRows raw = new RawRows(kafka.topic);
      assertEquals(270, raw.count("count(*)"));
      raw.assertNothingTwice();
      assertTrue(
          raw.moves().get(1).get("elt.accepted-loss").contains("\"partition\":1,\"from\":\"50\",\"to\":\"80\""));
    }
  }

  @Test
  void newPartitionsAreReadFromTheirStart() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(1)) {
      kafka.send(0, 10, 1);
      ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run();
      kafka.addPartitions(3);
      awaitPartitions(kafka, 3);
      kafka.send(10, 40, 3);
      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
      assertEquals(40, new RawRows(kafka.topic).count("count(DISTINCT CAST(kafka_value AS STRING))"));
    }
  }

  @Test
  void startingFromLatestSkipsWhatWasThereAndSaysSo() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(1)) {
      kafka.send(0, 10, 1);
      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of("startFrom", "latest")).run());
      kafka.send(10, 15, 1);
      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of("startFrom", "latest")).run());
      RawRows raw = new RawRows(kafka.topic);
      assertEquals(5, raw.count("count(*)"));
      assertEquals(10, raw.count("min(kafka_offset)"));
      assertEquals("latest", raw.moves().get(0).get("elt.started-from"));
    }
  }

  @Test
  void aMissingTopicIsSaid() {
    ExtractRun run =
        ExtractRun.of(KafkaForTests.requiredBootstrapServers(), "extract_none", Mode.DRAIN, Map.of(), 10_000);
    DriverException missing = assertThrows(DriverException.class, run::run);
    assertEquals("topic-missing", missing.code());
    assertTrue(LakehouseTable.find(ExtractRun.CATALOG, "raw.extract_none").isEmpty());
  }

  @Test
  void aDrainRunGivesUpOnABrokerThatStaysDown() {
    ExtractRun run = ExtractRun.of("127.0.0.1:1", "extract_none", Mode.DRAIN, Map.of(), 1_000);
    DriverException down = assertThrows(DriverException.class, run::run);
    assertEquals("kafka-unreachable", down.code());
    assertFalse(run.events("waiting").isEmpty());
  }

  @Test
  void aFollowRunWaitsForABrokerUntilStopped() throws Exception {
    ExtractRun run = ExtractRun.of("127.0.0.1:1", "extract_none", Mode.FOLLOW, Map.of(), 1);
    CompletableFuture<RunState> end = run.start();
    run.await(event -> event.get("event").asText().equals("waiting"));
    run.stop.request();
    assertEquals(RunState.STOPPED, end.get(30, TimeUnit.SECONDS));
  }

  @Test
  void followCommitsAsRecordsComeAndStopsWhenAsked() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(2)) {
      ExtractRun run = ExtractRun.of(kafka, Mode.FOLLOW, Map.of());
      CompletableFuture<RunState> end = run.start();
      run.await(event -> event.get("event").asText().equals("idle"));
      kafka.send(0, 100, 2);
      run.await(event -> isCommitUpTo(event, 100));
      kafka.send(100, 150, 2);
      run.await(event -> isCommitUpTo(event, 150));
      run.stop.request();
      assertEquals(RunState.STOPPED, end.get(30, TimeUnit.SECONDS));
      RawRows raw = new RawRows(kafka.topic);
      assertEquals(150, raw.count("count(*)"));
      assertEquals(run.spec.runId() + ":stopped", raw.table().properties().get("elt.released"));
    }
  }

  @Test
  void aRunWhoseTableWasClaimedWritesNoMore() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(1)) {
      kafka.send(0, 10, 1);
      ExtractRun run = ExtractRun.of(kafka, Mode.FOLLOW, Map.of());
      CompletableFuture<RunState> end = run.start();
      run.await(event -> isCommitUpTo(event, 10));
      RawRows raw = new RawRows(kafka.topic);
      LedgerEntry theirs = new LedgeredAppend(raw.table(), new Writer("other", "p", "extract")).claim();
      kafka.send(10, 20, 1);
      assertEquals(RunState.FENCED, end.get(60, TimeUnit.SECONDS));
      assertEquals(10, raw.count("count(*)"));
      assertEquals(theirs.snapshotId(), raw.table().currentSnapshot().snapshotId());
      raw.assertNoOrphans();

      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
      assertEquals(20, raw.count("count(*)"));
      raw.assertNothingTwice();
    }
  }

  @Test
  void anUrgentStopAbandonsTheBatchAndRemovesItsFiles() throws Exception {
    try (KafkaForTests kafka = new KafkaForTests(2)) {
      kafka.send(0, 300_000, 2);
      ExtractRun run = ExtractRun.of(kafka, Mode.FOLLOW, Map.of());
      CompletableFuture<RunState> end = run.start();
      run.await(event -> event.get("event").asText().equals("claimed"));
      run.stop.request();
      run.stop.request();
      assertEquals(RunState.STOPPED, end.get(30, TimeUnit.SECONDS));
      RawRows raw = new RawRows(kafka.topic);
      raw.assertNoOrphans();
      assertEquals(Position.EMPTY.json(), raw.summaries().get(0).get("elt.position"));
      assertEquals(RunState.SUCCEEDED, ExtractRun.of(kafka, Mode.DRAIN, Map.of()).run());
      assertEquals(300_000, raw.count("count(*)"));
      raw.assertNothingTwice();
    }
  }

  private static boolean isCommitUpTo(JsonNode event, long total) {
    long sum = 0;
    for (JsonNode end : event.at("/endPosition/0/offsets")) {
      sum += end.asLong();
    }
    return event.get("event").asText().equals("commit") && sum == total;
  }

  private static void awaitPartitions(KafkaForTests kafka, int count) throws InterruptedException {
    try (KafkaTopic topic =
        new KafkaTopic(kafka.topic, new KafkaSettings(kafka.bootstrapServers, Map.of()), Map.of())) {
      while (topic.facts().orElseThrow().partitions().size() < count) {
        Thread.sleep(50);
      }
    }
  }

  private static List<String> headers(ProducerRecord<byte[], byte[]> record) {
    List<String> all = new ArrayList<>();
    for (Header header : record.headers()) {
      all.add(header.key() + "=" + java.util.Arrays.toString(header.value()));
    }
    return all;
  }

  private static List<String> headers(Row row) {
    List<String> all = new ArrayList<>();
    if (!row.isNullAt(row.fieldIndex("kafka_headers"))) {
      for (Row header : row.<Row>getList(row.fieldIndex("kafka_headers"))) {
        all.add(header.getString(0) + "=" + java.util.Arrays.toString(header.<byte[]>getAs(1)));
      }
    }
    return all;
  }
}
