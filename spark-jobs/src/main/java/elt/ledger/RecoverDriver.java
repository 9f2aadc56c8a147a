package elt.ledger;

import elt.driver.CommitEvent;
import elt.driver.DriverContext;
import elt.driver.DriverMain;
import elt.driver.Micros;
import elt.driver.RecoverSpec;
import elt.driver.RecoverSpec.Coordinate;
import elt.driver.RunState;
import java.util.Optional;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.spark.sql.SparkSession;

/**
 * {@code elt offsets recover}: recomputes a table's position from its rows and commits it as an empty ledger entry, which
 * also claims the table: whoever wrote it until now is fenced. For SILVER, the rejects beside it are recovered first.
 */
public final class RecoverDriver {
  private static final String RAW_CLOCK = "raw_ingested_at";

  private final DriverContext<RecoverSpec> context;
  private final RecoverSpec spec;
  private final SparkSession spark;
  private final Catalog catalog;

  private RecoverDriver(DriverContext<RecoverSpec> context, SparkSession spark) {
    this.context = context;
    this.spec = context.spec();
    this.spark = spark;
    this.catalog = Spark3Util.loadIcebergCatalog(spark, spec.catalog());
  }

  /** Takes one argument, a {@link RecoverSpec} as JSON. */
  public static void main(String[] args) {
    DriverMain.run(args, RecoverSpec::parse, RecoverDriver::recover);
  }

  static RunState recover(DriverContext<RecoverSpec> context) {
    SparkSession spark = SparkSession.builder().getOrCreate();
    context.events().started(context.spec().stage(), context.sinceMainMs());
    RecoverDriver driver = new RecoverDriver(context, spark);
    if (context.spec().coordinate() == Coordinate.KAFKA) {
      driver.recoverRaw();
    } else {
      driver.recoverSilver();
    }
    return RunState.SUCCEEDED;
  }

  /** What was recomputed from one snapshot. */
  private record Recomputed(Long snapshotId, Position position, Long clock) {}

  /** Counts the rows of one table. */
  @FunctionalInterface
  private interface Recomputation {
    Recomputed count(Table table);
  }

  private void recoverRaw() {
    recover(
        spec.table(),
        table -> {
          RowPositions rows = rows(spec.table(), table);
          return new Recomputed(rows.snapshotId(), rows.kafka(Long.MAX_VALUE), rows.clock("ingested_at"));
        });
  }

  /**
   * Rejects first, as in every batch of TRANSFORM. Rejects ahead of SILVER stay ahead: the next run takes them back. Rejects
   * behind SILVER are raised to it: SILVER's position is the truth.
   */
  private void recoverSilver() {
    Long silverClock = rows(spec.table(), existing(spec.table())).clock(RAW_CLOCK);
    recover(spec.rejectsTable(), table -> atClock(spec.rejectsTable(), table, silverClock));
    recover(spec.table(), table -> atClock(spec.table(), table, silverClock));
  }

  private Recomputed atClock(String name, Table table, Long atLeast) {
    RowPositions rows = rows(name, table);
    Long own = rows.clock(RAW_CLOCK);
    Long clock = own == null || atLeast != null && atLeast > own ? atLeast : own;
    return new Recomputed(rows.snapshotId(), clock == null ? Position.EMPTY : rawPosition(clock), clock);
  }

  private Position rawPosition(long clock) {
    Table raw = existing(spec.from());
    RowPositions rows = rows(spec.from(), raw);
    Long newest = rows.clock("ingested_at");
    if (newest == null || newest < clock) {
      throw new LedgerException(
          "silver-ahead-of-raw",
          spec.table() + " or its rejects hold rows up to " + Micros.iso(clock) + ", but " + spec.from() + " ends at "
              + (newest == null ? "nothing" : Micros.iso(newest))
              + ". Nothing was recovered. Recover RAW, read the topic again, then rebuild SILVER:"
              + " elt run transform --full-refresh");
    }
    return rows.kafka(clock);
  }

  private void recover(String name, Recomputation recomputation) {
    while (true) {
      long startedNanos = System.nanoTime();
      Table table = existing(name);
      Recomputed found = recomputation.count(table);
      Writer writer = new Writer(spec.runId(), spec.pipeline(), spec.stage(), spec.claim());
      long countedNanos = System.nanoTime();
      Optional<LedgerEntry> entry =
          new LedgeredAppend(table, writer, context.outages()).recover(found.snapshotId(), found.position(), found.clock());
      if (entry.isPresent()) {
        report(name, entry.get(), startedNanos, countedNanos);
        return;
      }
      System.err.println("Table " + name + " changed while its rows were counted, counting again");
    }
  }

  private void report(String name, LedgerEntry entry, long startedNanos, long countedNanos) {
    context
        .events()
        .commit(
            new CommitEvent(
                name,
                entry.commitId(),
                entry.snapshotId(),
                0,
                0,
                entry.start(),
                entry.position(),
                entry.startIngestedAt(),
                entry.ingestedAt(),
                0,
                (countedNanos - startedNanos) / 1_000_000,
                (System.nanoTime() - countedNanos) / 1_000_000));
  }

  private RowPositions rows(String name, Table table) {
    return new RowPositions(spark, spec.catalog() + "." + name, table);
  }

  private Table existing(String name) {
    return LakehouseTable.find(catalog, name)
        .orElseThrow(
            () -> new LedgerException(
                "table-missing", "Table " + name + " does not exist, so there is nothing to recover. See the tables: elt status"));
  }
}
