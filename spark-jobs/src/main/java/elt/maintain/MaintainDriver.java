package elt.maintain;

import elt.driver.DriverContext;
import elt.driver.DriverException;
import elt.driver.DriverMain;
import elt.driver.ExecutorWatch;
import elt.driver.MaintainSpec;
import elt.driver.MaintainSpec.Role;
import elt.driver.MaintainSpec.Target;
import elt.driver.Outages;
import elt.driver.RunState;
import elt.driver.StopSignal;
import elt.ledger.LakehouseTable;
import elt.ledger.LedgerException;
import elt.ledger.LedgerKeys;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.spark.sql.SparkSession;

/**
 * MAINTAIN: keeps a pipeline's tables quick to read and to commit to, whatever their age. It claims nothing and moves no position:
 * runs of the other stages go on meanwhile, and two of its own do each other no harm.
 */
public final class MaintainDriver {
  private static final String UNREACHABLE = "lakehouse-unreachable";
  private static final long PATIENCE_MS = 120_000;

  private final MaintainSpec spec;
  private final DriverContext<MaintainSpec> context;
  private final SparkSession spark;
  private final Catalog catalog;
  private final Outages outages;
  private final StopSignal stop;

  private MaintainDriver(DriverContext<MaintainSpec> context, SparkSession spark, Catalog catalog) {
    this.spec = context.spec();
    this.context = context;
    this.spark = spark;
    this.catalog = catalog;
    this.outages = context.outages().limitedTo(PATIENCE_MS);
    this.stop = context.stop();
  }

  /** Takes one argument, a {@link MaintainSpec} as JSON. */
  public static void main(String[] args) {
    DriverMain.run(args, MaintainSpec::parse, MaintainDriver::maintain);
  }

  private static RunState maintain(DriverContext<MaintainSpec> context) throws Exception {
    SparkSession spark = SparkSession.builder().getOrCreate();
    ExecutorWatch executors = ExecutorWatch.over(spark.sparkContext(), context.events());
    try {
      context.events().started(context.spec().stage(), context.sinceMainMs());
      return maintain(context, spark, Spark3Util.loadIcebergCatalog(spark, context.spec().catalog()));
    } finally {
      executors.close();
      spark.stop();
    }
  }

  /** As {@link #main}, in a session and with a catalog that others opened. */
  public static RunState maintain(DriverContext<MaintainSpec> context, SparkSession spark, Catalog catalog) {
    // Batches of thousands of records of a megabyte each do not fit into an executor.
    spark.conf().set("spark.sql.iceberg.vectorization.enabled", "false");
    MaintainDriver driver = new MaintainDriver(context, spark, catalog);
    for (Target target : context.spec().tables()) {
      driver.maintain(target);
    }
    return context.stop().isRequested() ? RunState.STOPPED : RunState.SUCCEEDED;
  }

  private void maintain(Target target) {
    Optional<Table> found = step(() -> LakehouseTable.find(catalog, target.table())).flatMap(table -> table);
    if (found.isEmpty()) {
      return;
    }
    Upkeep upkeep = new Upkeep(spec, target, found.get(), context.events());
    String owner = found.get().properties().get(LedgerKeys.OWNER);
    String ours = spec.pipeline() + "/" + (target.role() == Role.RAW ? "extract" : "transform");
    if (owner != null && !owner.equals(ours)) {
      upkeep.leftOut("table", "left alone: it is written by %s, not by %s".formatted(owner, ours));
      return;
    }
    step(() -> Metadata.run(upkeep));
    ledgered(upkeep, "compact", () -> new Compaction(upkeep, spark).run(stop));
    step(() -> Manifests.run(upkeep));
    ledgered(upkeep, "expire", () -> new Expiry(upkeep, catalog).run(stop));
    step(() -> new OrphanFiles(upkeep).run(stop));
  }

  /** A step that asks the ledger: where that cannot be trusted, somebody has to look first. */
  private void ledgered(Upkeep upkeep, String step, Runnable action) {
    try {
      step(action);
    } catch (LedgerException untrusted) {
      upkeep.leftOut(step, "left out: " + untrusted.getMessage());
    }
  }

  private void step(Runnable action) {
    step(
        () -> {
          action.run();
          return true;
        });
  }

  /** Each step can be repeated after an outage; none begins once stop was asked for. */
  private <T> Optional<T> step(Callable<T> action) {
    if (stop.isRequested()) {
      return Optional.empty();
    }
    try {
      return Optional.of(outages.retry(UNREACHABLE, action));
    } catch (DriverException failure) {
      // Waiting ends this way when stop is asked for.
      if (stop.isRequested() && failure.code().equals(UNREACHABLE)) {
        return Optional.empty();
      }
      throw failure;
    }
  }
}
