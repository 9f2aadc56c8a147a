package elt.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import elt.LocalSpark;
import elt.driver.DriverContext;
import elt.driver.Events;
import elt.driver.Micros;
import elt.driver.Outages;
import elt.driver.RecoverSpec;
import elt.driver.RecoverSpec.Coordinate;
import elt.driver.RunState;
import elt.driver.StopSignal;
import elt.ledger.CommitOutcome.Committed;
import elt.ledger.CommitOutcome.Fenced;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.types.Types;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class RecoverDriverTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final Catalog CATALOG = Spark3Util.loadIcebergCatalog(SPARK, "lakehouse");
  private static final Writer EXTRACT = new Writer("run-1", "recover", "extract");
  private static final Writer TRANSFORM = new Writer("run-1", "recover", "transform");

  private static Table table(String name, String clock, Writer owner) {
    Schema schema =
        new Schema(
            Types.NestedField.required(1, "kafka_topic_id", Types.StringType.get()),
            Types.NestedField.required(2, "kafka_partition", Types.IntegerType.get()),
            Types.NestedField.required(3, "kafka_offset", Types.LongType.get()),
            Types.NestedField.required(4, clock, Types.TimestampType.withZone()));
    return LakehouseTable.open(
        CATALOG, name, new TableDeclaration(schema, PartitionSpec.unpartitioned(), owner.owner(), List.of(), Map.of()));
  }

  private static Table raw(String name) {
    return table("raw." + name, "ingested_at", EXTRACT);
  }

  private static void insert(String table, String topic, int partition, long offset, long clock) {
    SPARK.sql(
        "INSERT INTO lakehouse.%s VALUES ('%s', %d, %d, timestamp_micros(%d))"
            .formatted(table, topic, partition, offset, clock));
  }

  private static String recover(String runId, Coordinate coordinate, String table, String from, String rejects) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Events events = new Events(new PrintStream(out), runId);
    StopSignal stop = new StopSignal();
    RecoverSpec spec = new RecoverSpec(runId, runId, "recover", "lakehouse", table, coordinate, from, rejects);
    assertEquals(
        RunState.SUCCEEDED,
        RecoverDriver.recover(new DriverContext<>(spec, events, stop, new Outages(events, stop), System.nanoTime())));
    return out.toString();
  }

  private static LedgerEntry newest(String table) {
    return Ledger.of(LakehouseTable.find(CATALOG, table).orElseThrow()).newest().orElseThrow();
  }

  private static LedgerEntry move(LedgeredAppend append, LedgerEntry from, Position to, long clock) {
    Batch batch = new Batch(Batch.newCommitId(), List.of(), to, clock, 0, Map.of(), Map.of());
    return assertInstanceOf(Committed.class, append.commit(from, batch)).entry();
  }

  @Test
  void rowsWithoutPositionGetOneFromTheRows() {
    raw("recover_rows");
    insert("raw.recover_rows", "topic-b", 0, 4, 2_000_000);
    insert("raw.recover_rows", "topic-a", 0, 99, 1_000_000);
    insert("raw.recover_rows", "topic-a", 1, 7, 1_500_000);
    recover("recovery", Coordinate.KAFKA, "raw.recover_rows", null, null);
    LedgerEntry newest = newest("raw.recover_rows");
    assertEquals(
        "[{\"topicId\":\"topic-a\",\"offsets\":{\"0\":\"100\",\"1\":\"8\"},\"closed\":true},"
            + "{\"topicId\":\"topic-b\",\"offsets\":{\"0\":\"5\"},\"closed\":false}]",
        newest.position().json());
    assertEquals("1970-01-01T00:00:02.000000Z", Micros.iso(newest.ingestedAt()));
    assertEquals("recovery", newest.writer().claim());
    assertEquals(0, newest.rows());
  }

  @Test
  void aRolledBackTableGoesOnWhereItsHistoryEndsAndTheOldWriterIsFenced() {
    Table table = raw("recover_rollback");
    LedgeredAppend append = new LedgeredAppend(table, EXTRACT);
    Position start = Position.EMPTY.startGeneration("topic-a", Map.of(0, 10L, 1, 5L));
    LedgerEntry kept = move(append, append.claim(), start, 1_000_000);
    LedgerEntry lost = move(append, kept, start.advance(Map.of(0, 20L)), 2_000_000);
    table.refresh();
    table.manageSnapshots().rollbackTo(kept.snapshotId()).commit();
    assertEquals("ledger-rolled-back", assertThrows(LedgerException.class, append::newest).code());
    recover("recovery", Coordinate.KAFKA, "raw.recover_rollback", null, null);
    assertEquals(kept.position(), newest("raw.recover_rollback").position());
    assertEquals(kept.ingestedAt(), newest("raw.recover_rollback").ingestedAt());
    Batch late = new Batch("late", List.of(), start.advance(Map.of(0, 30L)), 3_000_000, 0, Map.of(), Map.of());
    assertInstanceOf(Fenced.class, append.commit(lost, late));
  }

  @Test
  void silverIsRecoveredByItsClockAndRejectsAreRaisedToIt() {
    raw("recover_source");
    insert("raw.recover_source", "topic-a", 0, 9, 1_000_000);
    insert("raw.recover_source", "topic-a", 0, 19, 2_000_000);
    insert("raw.recover_source", "topic-a", 0, 29, 3_000_000);
    table("silver.recover_silver", "raw_ingested_at", TRANSFORM);
    table("silver.recover_rejects", "raw_ingested_at", TRANSFORM);
    insert("silver.recover_silver", "topic-a", 0, 15, 2_000_000);
    insert("silver.recover_rejects", "topic-a", 0, 3, 1_000_000);
    recover(
        "recovery", Coordinate.CLOCK, "silver.recover_silver", "raw.recover_source", "silver.recover_rejects");
    for (String name : List.of("silver.recover_silver", "silver.recover_rejects")) {
      assertEquals(2_000_000L, newest(name).ingestedAt(), name);
      assertEquals(20, newest(name).position().open().orElseThrow().next(0).orElseThrow(), name);
    }
  }

  @Test
  void silverAheadOfRawIsNamed() {
    raw("recover_behind");
    insert("raw.recover_behind", "topic-a", 0, 9, 1_000_000);
    table("silver.recover_ahead", "raw_ingested_at", TRANSFORM);
    table("silver.recover_ahead_rejects", "raw_ingested_at", TRANSFORM);
    insert("silver.recover_ahead", "topic-a", 0, 15, 2_000_000);
    LedgerException stop =
        assertThrows(
            LedgerException.class,
            () -> recover(
                "recovery", Coordinate.CLOCK, "silver.recover_ahead", "raw.recover_behind", "silver.recover_ahead_rejects"));
    assertEquals("silver-ahead-of-raw", stop.code());
  }

  @Test
  void anEmptyTableIsRecoveredToTheBeginning() {
    raw("recover_empty");
    recover("recovery", Coordinate.KAFKA, "raw.recover_empty", null, null);
    assertEquals(Position.EMPTY, newest("raw.recover_empty").position());
    assertEquals(null, newest("raw.recover_empty").ingestedAt());
  }
}
