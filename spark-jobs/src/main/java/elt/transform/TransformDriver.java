package elt.transform;

import elt.driver.DriverContext;
import elt.driver.DriverException;
import elt.driver.DriverMain;
import elt.driver.ExecutorWatch;
import elt.driver.Mode;
import elt.driver.Outages;
import elt.driver.RunState;
import elt.driver.TransformSpec;
import elt.words.WordFunctions;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.spark.sql.SparkSession;

/** TRANSFORM: turns every row of RAW, once, into a row of SILVER by the pipeline's SQL, or into a reject with a reason. */
public final class TransformDriver {
  /** Whoever waits for a drain run hears after so long that the lakehouse stays down. */
  private static final long DRAIN_PATIENCE_MS = 120_000;

  private TransformDriver() {}

  /** Takes one argument, a {@link TransformSpec} as JSON. */
  public static void main(String[] args) {
    DriverMain.run(args, TransformSpec::parse, TransformDriver::transform);
  }

  private static RunState transform(DriverContext<TransformSpec> context) {
    SparkSession spark = SparkSession.builder().getOrCreate();
    ExecutorWatch executors = ExecutorWatch.over(spark.sparkContext(), context.events());
    try {
      context.events().started(context.spec().stage(), context.sinceMainMs());
      return transform(context, spark, Spark3Util.loadIcebergCatalog(spark, context.spec().catalog()));
    } finally {
      executors.close();
      spark.stop();
    }
  }

  /** As {@link #main}, in a session and with a catalog that others opened. */
  static RunState transform(DriverContext<TransformSpec> context, SparkSession spark, Catalog catalog) {
    TransformSpec spec = context.spec();
    Outages outages =
        spec.mode() == Mode.DRAIN ? context.outages().limitedTo(DRAIN_PATIENCE_MS) : context.outages();
    WordFunctions.register(spark);
    RawSnapshot raw = outages.retry(TransformLoop.UNREACHABLE, () -> RawSnapshot.pin(catalog, spec.from()));
    PipelineSql sql = PipelineSql.checked(spark, spec.sql(), SparkSchemaUtil.convert(raw.table().schema()));
    SilverLedgers ledgers = new SilverLedgers(catalog, spec, sql.columns(), outages);
    try (TransformStep step = new TransformStep(context, spark, catalog, sql, ledgers)) {
      RefreshStep refresh = new RefreshStep(context, spark, catalog, sql, ledgers, outages);
      RunState state =
          new TransformLoop(refreshFirst(spec, refresh, step), spec, context.stop(), outages).run();
      if (state != RunState.FENCED) {
        release(ledgers, state);
      }
      return state;
    } catch (DriverException failure) {
      if (!failure.code().equals(TransformLoop.UNREACHABLE)) {
        release(ledgers, RunState.FAILED);
      }
      throw failure;
    }
  }

  /** The refresh is repeated until it is done, then the ordinary steps follow. */
  private static Callable<TransformStep.Next> refreshFirst(
      TransformSpec spec, RefreshStep refresh, TransformStep step) {
    AtomicBoolean isRefreshDue = new AtomicBoolean(spec.fullRefresh());
    return () -> {
      if (!isRefreshDue.get()) {
        return step.run();
      }
      TransformStep.Next next = refresh.run();
      isRefreshDue.set(next != TransformStep.Next.COMMITTED_ALL);
      return next;
    };
  }

  /** A courtesy to people: the run has ended as it has, noted or not. */
  private static void release(SilverLedgers ledgers, RunState state) {
    try {
      ledgers.release(state.word());
    } catch (RuntimeException e) {
      System.err.println("The end of the run could not be noted in the tables: " + e);
    }
  }
}
