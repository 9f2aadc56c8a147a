package elt.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import elt.ledger.CommitOutcome.Committed;
import elt.ledger.CommitOutcome.Fenced;
import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

/** Rejects ahead of SILVER, with real Parquet files. */
class RollbackAheadTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "raw_ingested_at", Types.TimestampType.withZone()));
  private static final Writer WRITER = new Writer("run-1", "numbers", "transform");

  private final TestLakehouse lakehouse = new MemoryLakehouse();
  private final Table table =
      LakehouseTable.open(
          lakehouse.catalog,
          "silver.rejects",
          new TableDeclaration(
              SCHEMA, PartitionSpec.unpartitioned(), WRITER.owner(), List.of("raw_ingested_at"), Map.of()));
  private final LedgeredAppend append = new LedgeredAppend(table, WRITER);

  /** A file of rows; row n has clock n, row 0 has none. */
  private DataFile file(long... ids) throws IOException {
    DataWriter<Record> writer =
        Parquet.writeData(table.io().newOutputFile(table.locationProvider().newDataLocation(UUID.randomUUID() + ".parquet")))
            .forTable(table)
            .createWriterFunc(schema -> GenericParquetWriter.create(SCHEMA, schema))
            .withSpec(table.spec())
            .build();
    try (writer) {
      for (long id : ids) {
        Record row = GenericRecord.create(SCHEMA);
        row.setField("id", id);
        row.setField("raw_ingested_at", id == 0 ? null : time(id));
        writer.write(row);
      }
    }
    return writer.toDataFile();
  }

  private static OffsetDateTime time(long micros) {
    return OffsetDateTime.ofInstant(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), ZoneOffset.UTC);
  }

  private LedgerEntry commit(LedgerEntry expected, long clock, long... ids) throws IOException {
    Position position =
        expected.position().isEmpty()
            ? Position.EMPTY.startGeneration("topic-a", Map.of(0, clock))
            : expected.position().advance(Map.of(0, clock));
    Batch batch =
        new Batch(Batch.newCommitId(), List.of(file(ids)), position, clock, ids.length, Map.of(), Map.of());
    return assertInstanceOf(Committed.class, append.commit(expected, batch)).entry();
  }

  private List<Long> ids() throws IOException {
    table.refresh();
    List<Long> ids = new ArrayList<>();
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
      rows.forEach(row -> ids.add((Long) row.getField("id")));
    }
    Collections.sort(ids);
    return ids;
  }

  private LedgerEntry rollBack(LedgerEntry expected, LedgerEntry truth) {
    return assertInstanceOf(Committed.class, append.rollbackAheadTo(expected, truth, "raw_ingested_at")).entry();
  }

  @Test
  void wholeFilesAheadAreDropped() throws IOException {
    LedgerEntry truth = commit(append.claim(), 2, 1, 2);
    LedgerEntry ahead = commit(truth, 4, 3, 4);
    LedgerEntry back = rollBack(ahead, truth);
    assertEquals(List.of(1L, 2L), ids());
    assertEquals(truth.position(), back.position());
    assertEquals(truth.ingestedAt(), back.ingestedAt());
    assertEquals(ahead.position(), back.start());
    assertEquals("2", table.currentSnapshot().summary().get("elt.rolled-back-rows"));
    assertEquals("2", table.properties().get("elt.total-records"));
    assertEquals(back, append.newest().orElseThrow());
    commit(back, 4, 3, 4);
    assertEquals(List.of(1L, 2L, 3L, 4L), ids());
  }

  @Test
  void filesMixedByACompactionAreWrittenAnew() throws IOException {
    LedgerEntry truth = commit(append.claim(), 2, 1, 2);
    LedgerEntry ahead = commit(truth, 4, 3, 4);
    table.refresh();
    RewriteFiles compaction = table.newRewrite();
    TestLakehouse.dataFiles(table).forEach(compaction::deleteFile);
    compaction.addFile(file(1, 2, 3, 4)).commit();
    rollBack(ahead, truth);
    assertEquals(List.of(1L, 2L), ids());
  }

  @Test
  void rowsWithoutClockBelongToOthersAndStay() throws IOException {
    LedgerEntry nothing = append.claim();
    LedgerEntry ahead = commit(nothing, 4, 0, 3, 4);
    LedgerEntry back = rollBack(ahead, nothing);
    assertEquals(List.of(0L), ids());
    assertEquals(null, back.ingestedAt());
    assertEquals(null, table.properties().get("elt.ingested-at"));
    assertEquals(Position.EMPTY, back.position());
  }

  @Test
  void anEmptyBatchAheadOnlyMovesTheLedgerBack() throws IOException {
    LedgerEntry truth = commit(append.claim(), 2, 1, 2);
    Batch empty = new Batch(Batch.newCommitId(), List.of(), truth.position(), 3, 0, Map.of(), Map.of());
    LedgerEntry ahead = assertInstanceOf(Committed.class, append.commit(truth, empty)).entry();
    assertEquals(2L, rollBack(ahead, truth).ingestedAt());
    assertEquals(List.of(1L, 2L), ids());
  }

  @Test
  void aZombieTakesNothingBack() throws IOException {
    LedgerEntry truth = commit(append.claim(), 2, 1, 2);
    LedgerEntry ahead = commit(truth, 4, 3, 4);
    new LedgeredAppend(lakehouse.catalog.loadTable(org.apache.iceberg.catalog.TableIdentifier.of("silver", "rejects")),
        new Writer("run-2", "numbers", "transform")).claim();
    assertInstanceOf(Fenced.class, append.rollbackAheadTo(ahead, truth, "raw_ingested_at"));
    assertEquals(List.of(1L, 2L, 3L, 4L), ids());
  }
}
