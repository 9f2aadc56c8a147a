package elt.extract;

import elt.driver.DriverContext;
import elt.driver.DriverException;
import elt.driver.DriverMain;
import elt.driver.ExecutorWatch;
import elt.driver.ExtractSpec;
import elt.driver.Mode;
import elt.driver.Outages;
import elt.driver.RunState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** EXTRACT: lands a Kafka topic in a RAW table, every record exactly once and exactly as it is. */
public final class ExtractDriver {
  /** Whoever waits for a drain run hears after so long that Kafka or the lakehouse stays down. */
  private static final long DRAIN_PATIENCE_MS = 120_000;

  private ExtractDriver() {}

  /** Takes one argument, an {@link ExtractSpec} as JSON. */
  public static void main(String[] args) {
    DriverMain.run(args, ExtractSpec::parse, ExtractDriver::extract);
  }

  private static RunState extract(DriverContext<ExtractSpec> context) {
    ExtractSpec spec = context.spec();
    // Connecting to Kafka takes about as long as starting Spark.
    CompletableFuture<KafkaTopic> connecting = CompletableFuture.supplyAsync(() -> connect(spec));
    SparkSession session = SparkSession.builder().getOrCreate();
    ExecutorWatch executors = ExecutorWatch.over(session.sparkContext(), context.events());
    try (KafkaTopic topic = connected(connecting)) {
      context.events().started(spec.stage(), context.sinceMainMs());
      Catalog catalog = Spark3Util.loadIcebergCatalog(session, spec.catalog());
      return extract(context, session, catalog, topic, DRAIN_PATIENCE_MS);
    } finally {
      executors.close();
      session.stop();
    }
  }

  /** As {@link #main}, in a session, with a catalog and with a topic that others opened. */
  static RunState extract(
      DriverContext<ExtractSpec> context,
      SparkSession session,
      Catalog catalog,
      KafkaTopic topic,
      long drainPatienceMs) {
    ExtractSpec spec = context.spec();
    Outages outages =
        spec.mode() == Mode.DRAIN ? context.outages().limitedTo(drainPatienceMs) : context.outages();
    RawLedger raw = new RawLedger(catalog, spec, outages);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    ExtractStep step = new ExtractStep(spec, context.events(), context.stop(), topic, raw, spark);
    ExtractLoop loop = new ExtractLoop(step, spec.mode(), spec.commitIntervalMs(), context.stop(), outages);
    try {
      RunState state = loop.run();
      if (state != RunState.FENCED) {
        release(raw, state);
      }
      return state;
    } catch (RuntimeException failure) {
      if (!(failure instanceof DriverException coded) || !coded.code().equals("lakehouse-unreachable")) {
        release(raw, RunState.FAILED);
      }
      throw failure;
    }
  }

  static KafkaTopic open(ExtractSpec spec) {
    return KafkaFailures.ask(
        spec.bootstrapServers(), () -> new KafkaTopic(spec.topic(), ExtractStep.kafka(spec), System.getenv()));
  }

  private static KafkaTopic connect(ExtractSpec spec) {
    // Kafka loads classes by name; threads of the common pool do not see jars that Spark has added.
    Thread.currentThread().setContextClassLoader(ExtractDriver.class.getClassLoader());
    KafkaTopic topic = open(spec);
    try {
      topic.facts();
    } catch (RuntimeException unreachable) {
      // The loop asks again, and knows what to say.
    }
    return topic;
  }

  private static KafkaTopic connected(CompletableFuture<KafkaTopic> connecting) {
    try {
      return connecting.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof DriverException failure ? failure : e;
    }
  }

  /** A courtesy to people: the run has ended as it has, noted or not. */
  private static void release(RawLedger raw, RunState state) {
    try {
      raw.release(state.word());
    } catch (RuntimeException e) {
      System.err.println("The end of the run could not be noted in the table: " + e);
    }
  }
}
