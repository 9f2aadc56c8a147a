package elt.transform;

import static java.nio.charset.StandardCharsets.UTF_8;

import elt.extract.RawTable;
import elt.ledger.Batch;
import elt.ledger.CommitClock;
import elt.ledger.CommitOutcome;
import elt.ledger.LakehouseTable;
import elt.ledger.LedgerEntry;
import elt.ledger.LedgeredAppend;
import elt.ledger.Position;
import elt.ledger.Writer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.io.RollingDataWriter;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/** RAW as an EXTRACT of one Kafka partition would leave it: each commit goes through the ledger. */
public final class TestRaw {
  private static final long MICROS_PER_HOUR = 3_600_000_000L;
  private static final long MAX_TIMESTAMP_MS = 253_402_300_799_999L;

  /** A record; {@code timestampMs} as sent. */
  public record Sent(byte[] key, byte[] value, long timestampMs) {
    public static Sent text(String value) {
      return new Sent(null, value == null ? null : value.getBytes(UTF_8), System.currentTimeMillis());
    }

    public static Sent at(long timestampMs, String value) {
      return new Sent(null, value.getBytes(UTF_8), timestampMs);
    }
  }

  private final Table table;
  private final LedgeredAppend append;
  private LedgerEntry newest;
  private long nextOffset;
  private int files;

  public TestRaw(Catalog catalog, String name) {
    Writer writer = new Writer("extract-run", "numbers", "extract");
    table = LakehouseTable.open(catalog, name, RawTable.declaration(writer.owner()));
    append = new LedgeredAppend(table, writer);
    newest = append.claim();
    nextOffset = newest.position().open().map(open -> open.next(0).orElse(0)).orElse(0L);
  }

  public Table table() {
    return table;
  }

  public LedgerEntry newest() {
    return newest;
  }

  /** One RAW commit, written into so many files. */
  public LedgerEntry commit(List<Sent> records, int inFiles) {
    return commit(records, inFiles, CommitClock.next(newest.ingestedAt()));
  }

  /** As above, at a commit clock in micros. */
  public LedgerEntry commit(List<Sent> records, int inFiles, long clock) {
    ParquetFiles parquet =
        new ParquetFiles(table, SparkSchemaUtil.convert(table.schema()), 0, files++, Batch.newCommitId());
    long first = nextOffset;
    try {
      for (int file = 0; file < inFiles; file++) {
        write(parquet, records, file, inFiles, clock);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    nextOffset = first + records.size();
    Position position =
        newest.position().isEmpty()
            ? Position.EMPTY.startGeneration("topic-a", Map.of(0, nextOffset))
            : newest.position().advance(Map.of(0, nextOffset));
    Batch batch =
        new Batch(
            Batch.newCommitId(), parquet.finished(), position, clock, records.size(), Map.of(), Map.of());
    newest = ((CommitOutcome.Committed) append.commit(newest, batch)).entry();
    return newest;
  }

  LedgerEntry commit(Sent... records) {
    return commit(List.of(records), 1);
  }

  public LedgerEntry commitNumbers(long from, long until) {
    List<Sent> records = new ArrayList<>();
    for (long n = from; n < until; n++) {
      records.add(Sent.text(Long.toString(n)));
    }
    return commit(records, 1);
  }

  private void write(ParquetFiles parquet, List<Sent> records, int file, int inFiles, long clock)
      throws IOException {
    RollingDataWriter<InternalRow> writer = parquet.open((int) Math.floorDiv(clock, MICROS_PER_HOUR));
    for (int i = file; i < records.size(); i += inFiles) {
      writer.write(row(records.get(i), nextOffset + i, clock));
    }
    parquet.finish(writer);
  }

  private static InternalRow row(Sent record, long offset, long clock) {
    long ms = record.timestampMs();
    boolean isTime = ms != -1 && ms <= MAX_TIMESTAMP_MS;
    return new GenericInternalRow(
        new Object[] {
          UTF8String.fromString("topic-a"), 0, offset, isTime ? ms * 1000 : null, ms, record.key(), record.value(), null, clock
        });
  }
}
