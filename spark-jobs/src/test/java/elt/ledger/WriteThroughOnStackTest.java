package elt.ledger;

import static elt.ledger.TestLakehouse.batch;
import static elt.ledger.TestLakehouse.file;
import static elt.ledger.TestLakehouse.writer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import elt.ledger.CommitOutcome.Committed;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the drivers' catalog has in memory is what is in the metadata's file, through the real Hive Metastore and S3. */
@Tag("stack")
class WriteThroughOnStackTest {
  private static final AtomicInteger METADATA_READS = new AtomicInteger();

  /** Counts the metadata files that are read. */
  public static final class CountingFileIO extends S3FileIO {
    @Override
    public InputFile newInputFile(String path) {
      if (path.endsWith(".metadata.json")) {
        METADATA_READS.incrementAndGet();
      }
      return super.newInputFile(path);
    }
  }

  @Test
  void whateverIsCommittedIsKnownAsItWasWritten() {
    try (HiveLakehouse lakehouse = new HiveLakehouse()) {
      Table table = lakehouse.table();
      LedgeredAppend append = new LedgeredAppend(table, writer("run-1"));
      LedgerEntry entry = append.claim();
      assertKnownAsWritten(lakehouse, table);
      for (int i = 0; i < 3; i++) {
        entry = assertInstanceOf(Committed.class, append.commit(entry, batch(entry, 10))).entry();
        assertKnownAsWritten(lakehouse, table);
      }
      append.replace(entry, batch(entry, 5));
      assertKnownAsWritten(lakehouse, table);
      append.release("succeeded");
      assertKnownAsWritten(lakehouse, table);
      table.updateSchema().addColumn("note", Types.StringType.get()).commit();
      assertKnownAsWritten(lakehouse, table);
      table.updateProperties().set("a", "1").remove(LedgerKeys.RELEASED).commit();
      assertKnownAsWritten(lakehouse, table);
      table.newDelete().deleteFromRowFilter(Expressions.alwaysTrue()).commit();
      assertKnownAsWritten(lakehouse, table);
      table.newAppend().appendFile(file("foreign", 1)).commit();
      table.expireSnapshots().expireOlderThan(System.currentTimeMillis()).retainLast(1).cleanupLevel(ExpireSnapshots.CleanupLevel.NONE).commit();
      assertKnownAsWritten(lakehouse, table);
    }
  }

  private static void assertKnownAsWritten(TestLakehouse lakehouse, Table table) {
    TableMetadata known = ((HasTableOperations) table).operations().refresh();
    TableMetadata written = TableMetadataParser.read(table.io(), known.metadataFileLocation());
    assertEquals(TableMetadataParser.toJson(written), TableMetadataParser.toJson(known));
    assertEquals(written.metadataFileLocation(), known.metadataFileLocation());
    assertEquals(written.changes(), known.changes());
    TableMetadata others = ((HasTableOperations) lakehouse.load()).operations().current();
    assertEquals(known.metadataFileLocation(), others.metadataFileLocation());
  }

  @Test
  void onlyCommitsOfOthersAreRead() {
    try (HiveLakehouse lakehouse = new HiveLakehouse()) {
      lakehouse.table();
      Catalog counting =
          HiveLakehouse.catalog(
              HiveLakehouse.environment("ELT_METASTORE_URI"), Map.of("io-impl", CountingFileIO.class.getName()));
      LedgeredAppend append = new LedgeredAppend(counting.loadTable(lakehouse.name), writer("run-1"));
      LedgerEntry entry = append.claim();
      METADATA_READS.set(0);
      for (int i = 0; i < 3; i++) {
        entry = assertInstanceOf(Committed.class, append.commit(entry, batch(entry, 1))).entry();
        assertEquals(entry, append.newest().orElseThrow());
      }
      assertEquals(0, METADATA_READS.get());
      lakehouse.load().updateProperties().set("a", "1").commit();
      entry = assertInstanceOf(Committed.class, append.commit(entry, batch(entry, 1))).entry();
      assertEquals(1, METADATA_READS.get());
      assertEquals("1", lakehouse.load().properties().get("a"));
      // Snapshots remember their manifests: now and then the metadata is read, so that they are forgotten.
      for (int i = 0; i < 50; i++) {
        entry = assertInstanceOf(Committed.class, append.commit(entry, batch(entry, 1))).entry();
      }
      assertEquals(2, METADATA_READS.get());
      assertEquals(54, TestLakehouse.dataFiles(lakehouse.load()).size());
    }
  }
}
